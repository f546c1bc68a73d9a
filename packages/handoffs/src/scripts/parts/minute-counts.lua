--- @include shard-keys-clock-and-record
-- What happened in each minute, by connector and, under `*`, of the whole shard: for the series of a day. There is a
-- hash for each hour, with `a<minute>` accepted, `x<minute>` dead, `e<minute>` expired of those, `l<minute>:<bucket>`
-- delivered, by latency, and `q<minute>` queued, as admin sampled it (queue-sample-store.ts).
local MINUTES_KEPT_S = 25 * 3600

local function minute_counts_key(of, hour) return P .. ':minutes:' .. of .. ':' .. hour end

-- add_to_minute_count adds `more` to a count of this minute, of a connector or, under `*`, of the whole shard.
local function add_to_minute_count(of, kind, more)
  local key = minute_counts_key(of, math.floor(now / 3600000))
  if call('HINCRBY', key, kind .. math.floor(now / 60000) % 60, format_int(more)) == more then
    call('EXPIRE', key, MINUTES_KEPT_S)
  end
end

-- add_to_minute_count_and_total adds `more` to a count of this minute, of the connector and of the whole shard.
local function add_to_minute_count_and_total(connector, kind, more)
  add_to_minute_count(connector, kind, more)
  add_to_minute_count('*', kind, more)
end
