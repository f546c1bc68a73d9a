-- connector-states tells how some connectors do: as little of each as an order of trouble takes, so that thousands may
-- be asked for.
--
-- args: connectorIds replies: flat list: connectorId, queued, for how long the oldest has been due ('' for none),
-- breaker state ('' for closed),
--          until when CXone asked it to keep still ('' for not), dead letters, …
-- Twice: reads only.
--- @include shard
local args = cjson.decode(ARGV[1])

local function breaker_of(state, open_until)
  if not state then return '' end
  return (tonumber(open_until) or 0) > now and 'open' or 'probing'
end

local rows = {}
for _, connector in ipairs(args.connectorIds) do
  local queue = queued_key(connector)
  local oldest = call('ZRANGE', queue, 0, 0, 'WITHSCORES')[2]
  local state = call('HMGET', connector_key(connector), 'bs', 'bo', 'throttle')
  rows[#rows + 1] = connector
  rows[#rows + 1] = call('ZCARD', queue) + call('ZCARD', P .. ':parked-replays:' .. connector)
  rows[#rows + 1] = oldest and math.max(0, now - oldest) or ''
  rows[#rows + 1] = breaker_of(state[1], state[2])
  rows[#rows + 1] = (tonumber(state[3]) or 0) > now and state[3] or ''
  rows[#rows + 1] = call('ZCARD', P .. ':dead:c:' .. connector)
end
return rows
