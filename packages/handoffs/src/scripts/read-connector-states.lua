-- read-connector-states returns the state of some connectors: only what their order by trouble needs, so that thousands
-- may be read at once.
--
-- args:      connectorIds
-- replies:   flat list, for each connector:
--            connectorId, queued, how long the oldest has been due ('' for none),
--            breaker state, since when (both '' for closed), until when it is throttled, since when ('' for not),
--            dead letters, last delivery ('' for never), how many are past their deadline and not yet ended, parked,
--            when the breaker's next probe may begin ('' for closed, and where it may now)
-- Run again: reads only.
--- @include connector-gate
local args = cjson.decode(ARGV[1])

local function breaker_state(state, open_until)
  if not state then return '' end
  return (tonumber(open_until) or 0) > now and 'open' or 'probing'
end

-- next_probe_at returns when the breaker has been open for long enough; while a handoff probes, when that one's time
-- ends.
local function next_probe_at(state, open_until, probe_until)
  local at = state and math.max(tonumber(open_until) or 0, tonumber(probe_until) or 0) or 0
  return at > now and format_int(at) or ''
end

-- age_at_position returns for how long the handoff at a position has been due; '' for none.
local function age_at_position(queue, position)
  local due = call('ZRANGE', queue, position, position, 'WITHSCORES')[2]
  return due and math.max(0, now - due) or ''
end

-- A handoff past its deadline counts as dead, also before a script ends it. The oldest are the first to be: the oldest
-- queued one comes after them.
local function read_queue_figures(connector)
  local queue = queued_key(connector)
  local count = call('ZCARD', queue)
  if count == 0 then return 0, '', 0 end
  local overdue = call('ZCOUNT', deadlines_key(connector), '-inf', '(' .. NOW)
  return count - overdue, age_at_position(queue, overdue), overdue
end

local rows = {}
for _, connector in ipairs(args.connectorIds) do
  local queued, oldest, overdue = read_queue_figures(connector)
  local replays = call('ZCARD', queued_replays_key(connector))
  local parked = call('ZCARD', parked_key(connector)) + call('ZCARD', parked_replays_key(connector))
  if queued == 0 then oldest = age_at_position(queued_replays_key(connector), 0) end
  local state = call('HMGET', connector_key(connector), 'bs', 'bo', 'broke', 'throttle', 'throttled', 'delivered',
    'pu')
  local throttled_until = (tonumber(state[4]) or 0) > now and state[4] or ''
  local throttled_since = throttled_until ~= '' and state[5] or ''
  local dead = call('ZCARD', P .. ':dead:c:' .. connector) + overdue
  local row = { connector, queued + replays, oldest, breaker_state(state[1], state[2]), state[3] or '', throttled_until,
    throttled_since, dead, state[6] or '', overdue, parked,
    next_probe_at(state[1], state[2], state[7]) }
  for _, value in ipairs(row) do rows[#rows + 1] = value end
end
return rows
