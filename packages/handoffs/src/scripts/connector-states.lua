-- connector-states tells how some connectors do: as little of each as an order of trouble takes, so that thousands may
-- be asked for.
--
-- args: connectorIds
-- replies: flat list: connectorId, queued, for how long the oldest has been due ('' for none), breaker state ('' for
--          closed), since when ('' for closed), until when CXone asked it to keep still ('' for not), dead letters,
--          when it last delivered ('' for never), how many are past their deadline and not yet found dead, parked, …
-- Twice: reads only.
--- @include shard
--- @include jobs
--- @include gate
local args = cjson.decode(ARGV[1])

local function breaker_of(state, open_until)
  if not state then return '' end
  return (tonumber(open_until) or 0) > now and 'open' or 'probing'
end

-- One past its deadline is dead, whoever notices. The oldest are the first to be: after them comes the oldest queued.
local function queue_of(connector)
  local queue = queued_key(connector)
  local count = call('ZCARD', queue)
  if count == 0 then return 0, '', 0 end
  local overdue = call('ZCOUNT', deadlines_key(connector), '-inf', '(' .. NOW)
  local oldest = call('ZRANGE', queue, overdue, overdue, 'WITHSCORES')[2]
  return count - overdue, oldest and math.max(0, now - oldest) or '', overdue
end

local rows = {}
for _, connector in ipairs(args.connectorIds) do
  local queued, oldest, overdue = queue_of(connector)
  local replays = call('ZCARD', parked_replays_key(connector))
  local state = call('HMGET', connector_key(connector), 'bs', 'bo', 'broke', 'throttle', 'delivered')
  for _, value in ipairs({ connector, queued + replays, oldest, breaker_of(state[1], state[2]),
    state[3] or '', (tonumber(state[4]) or 0) > now and state[4] or '', call('ZCARD', P .. ':dead:c:' .. connector) + overdue,
    state[5] or '', overdue, call('ZCARD', parked_key(connector)) + replays }) do rows[#rows + 1] = value end
end
return rows
