-- connector-states tells how some connectors do: as little of each as an order of trouble takes, so that thousands may be asked for.
--
-- args: connectorIds
-- replies: flat list: connectorId, queued, for how long the oldest has been due ('' for none), breaker state ('' for closed),
--          until when CXone asked it to keep still ('' for not), dead letters, …
-- Twice: reads only.
--- @include shard

local rows = {}
for _, connector in ipairs(args.connectorIds) do
  local queue = P .. ':q:' .. connector
  local oldest = redis.call('ZRANGE', queue, 0, 0, 'WITHSCORES')[2]
  local state = redis.call('HMGET', connector_key(connector), 'bs', 'hold')
  rows[#rows + 1] = connector
  rows[#rows + 1] = redis.call('ZCARD', queue)
  rows[#rows + 1] = oldest and math.max(0, now - oldest) or ''
  rows[#rows + 1] = state[1] or ''
  rows[#rows + 1] = (tonumber(state[2]) or 0) > now and state[2] or ''
  rows[#rows + 1] = redis.call('ZCARD', P .. ':dead:c:' .. connector)
end
return rows
