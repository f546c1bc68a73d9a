-- Opening gates whose moment came: whoever is parked there goes before whoever waits. A part of claim.lua,
-- whose arguments it uses.

-- Among how many gates whose moment came a claim looks for those that this worker did not leave to the others.
local MOST_SEEN = 256

-- die_refused ends a handoff whose connector's keys or address are refused, or whose connector is no more.
local function die_refused(record, gate)
  record = find(record.id)
  remove_job(job_of(record))
  die_unattended(record, gate.refusal.reason, { httpStatus = gate.refusal.httpStatus, detail = gate.refusal.detail })
end

-- take_parked looks at the next of a connector's queue. Gives whether it was begun.
local function take_parked(gate, id, from)
  local done, record, other_version = pcall(find_waiting, id)
  if other_version then
    -- Behind all that this worker may take, and looked at again like any trouble of its own.
    call('ZADD', from, int(now_us + UNTAKEN_MS * 1000), id)
    gate.has_other_version = true
    return false
  end
  gather('ZREM', from, id)
  if from == parked_key(gate.connector) then gate.parked = gate.parked - 1 end
  -- One that cannot be read is in nobody's way.
  if not done then error(record, 0) end
  if not record or record.st ~= 'queued' then return false end
  -- The clock stepped back since it was parked: it waits for its moment once more.
  if record.due > now then
    wait_until_due(record)
    return false
  end
  if expire(record, FENCE_MS) then return false end
  if is_refused(gate) then
    die_refused(record, gate)
    return false
  end
  -- Its job lies at its deadline: there it stays until the one before it leaves.
  if not is_next(record) then return false end
  call('ZREM', DELAYED, job_of(record))
  begin(record, gate)
  return true
end

-- at_gate does one step for one connector. Should that fail, its gate is looked at later, and the others go on.
local function at_gate(connector, step, ...)
  local count = #faults
  local result = each(connector, step, ...)
  if #faults > count then call('ZADD', GATES, 'XX', int(now + PAUSE_LOOK_MS), connector) end
  return result
end

-- room_for counts those of a connector that may go now: live handoffs, or items of runs.
local function room_for(gate, is_live)
  if is_live then return places(gate) end
  return replay_places(gate)
end

-- find_queue gives those parked under a key that a connector's gate lets go now, at most `quota`.
local function find_queue(gate, key, is_live, quota)
  local most = is_refused(gate) and MOST_LOOKED_AT or math.min(quota, room_for(gate, is_live))
  if most < 1 then return nil end
  local ids = call('ZRANGE', key, 0, most - 1)
  return #ids > 0 and { gate = gate, key = key, ids = ids, at = 0, is_live = is_live } or nil
end

-- take_in_turn takes from queues, one handoff of each in turn.
local function take_in_turn(queues, quota)
  local is_moving = true
  while is_moving and quota > 0 do
    is_moving = false
    for _, queue in ipairs(queues) do
      local can_go = is_refused(queue.gate) or room_for(queue.gate, queue.is_live) > 0
      if queue.at < #queue.ids and quota > 0 and can_go then
        queue.at = queue.at + 1
        is_moving = true
        if each(queue.ids[queue.at], take_parked, queue.gate, queue.ids[queue.at], queue.key) then quota = quota - 1 end
      end
    end
  end
end

-- look_at_due looks at the gates whose moment came and that this worker did not leave to the others. Gives whether
-- there are more.
local function look_at_due()
  local due = call('ZRANGEBYSCORE', GATES, '-inf', NOW, 'LIMIT', 0, MOST_SEEN)
  if #due == 0 then return false end
  local fields = {}
  for i, connector in ipairs(due) do fields[i] = left_field(connector) end
  local count = #armed
  for i, left_until in ipairs(call('HMGET', TABLE, unpack(fields))) do
    if (tonumber(left_until or nil) or 0) <= now then
      if #armed - count == MOST_GATES then return true end
      look_at(due[i])
    end
  end
  return false
end

-- Gates with nobody live parked behind them: items of runs may be.
local without_live = {}

-- open_gates takes from the connectors' queues of live handoffs; half of the slots stay for those that wait.
local function open_gates()
  local has_more_gates = look_at_due()
  if #armed == 0 then return false end
  local quota = call('LLEN', WAIT) > 0 and math.ceil(slots / 2) or slots
  local queues = {}
  read_ahead(armed)
  for _, connector in ipairs(armed) do
    local gate = at_gate(connector, gate_here, connector)
    if gate and gate.parked > 0 then
      queues[#queues + 1] = at_gate(connector, find_queue, gate, parked_key(connector), true, quota)
    elseif gate then
      without_live[#without_live + 1] = gate
    end
  end
  take_in_turn(queues, quota)
  return has_more_gates
end

-- open_to_replays takes items of runs with what live handoffs have left.
local function open_to_replays()
  local queues = {}
  for _, gate in ipairs(without_live) do
    if gate.parked == 0 then
      queues[#queues + 1] = at_gate(gate.connector, find_queue, gate, parked_replays_key(gate.connector), false, slots)
    end
  end
  take_in_turn(queues, slots)
end
