-- What happened in a minute, by connector and, under `*`, of the whole shard: for the series of a day. A hash an hour
-- holds `a<minute>` accepted, `x<minute>` dead, `e<minute>` expired of those, `l<minute>:<bucket>` delivered after so
-- long.
local MINUTES_KEPT_S = 25 * 3600

local function minutes_key(of, hour) return P .. ':minutes:' .. of .. ':' .. hour end

-- count_minute_of counts `more` of a kind in this minute, of a connector or, under `*`, of the whole shard.
local function count_minute_of(of, kind, more)
  local key = minutes_key(of, math.floor(now / 3600000))
  if call('HINCRBY', key, kind .. math.floor(now / 60000) % 60, int(more)) == more then call('EXPIRE', key, MINUTES_KEPT_S) end
end

-- count_minute counts `more` of a kind in this minute.
local function count_minute(connector, kind, more)
  count_minute_of(connector, kind, more)
  count_minute_of('*', kind, more)
end
