-- What happened in a minute, by connector and, under `*`, of the whole shard: for the series of a day. A hash an hour
-- holds `a<minute>` accepted, `x<minute>` dead, `e<minute>` expired of those, `l<minute>:<bucket>` delivered after so long.
local MINUTES_KEPT_S = 25 * 3600

local function minutes_key(of, hour) return P .. ':minutes:' .. of .. ':' .. hour end

-- count_minute counts `more` of a kind in this minute.
local function count_minute(connector, kind, more)
  local hour, field = math.floor(now / 3600000), kind .. math.floor(now / 60000) % 60
  for _, of in ipairs({ connector, '*' }) do
    local key = minutes_key(of, hour)
    if call('HINCRBY', key, field, more) == more then call('EXPIRE', key, MINUTES_KEPT_S) end
  end
end
