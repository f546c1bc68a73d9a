-- What every registry script stands on. KEYS[1] is the registry's tag, `{namespace}`; ARGV[1] is one JSON object.
local R = KEYS[1]
local args = cjson.decode(ARGV[1])

local function clock()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

local now = clock()

-- changed makes every process look again: they compare this number once a second.
local function changed() redis.call('INCR', R .. ':version') end
