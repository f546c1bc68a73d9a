-- Opens the gates that are due for a check: parked handoffs go before waiting ones. A part of claim.lua, whose
-- arguments it uses.

-- How many due gates a claim reads to find those that this worker did not leave to other workers.
local MAX_GATES_READ = 256

-- end_as_refused ends a handoff whose connector's keys or address are refused, or whose connector was deleted.
local function end_as_refused(record, gate)
  record = find_record(record.id)
  remove_job(job_id_of(record))
  local failure = { httpStatus = gate.refusal.httpStatus, detail = gate.refusal.detail }
  end_as_dead_letter_and_report(record, gate.refusal.reason, failure)
end

-- take_parked_handoff processes the next handoff of a connector's queue. It returns whether an attempt began.
local function take_parked_handoff(gate, id, from)
  local done, record, other_version = pcall(find_record_for_claim, id)
  if other_version then
    -- It moves behind the handoffs that this worker may take, and is read again later.
    call('ZADD', from, format_int(now_us + UNTAKEN_MS * 1000), id)
    gate.has_other_version = true
    return false
  end
  -- At once: whatever ends the one before it in this script may park it anew.
  call('ZREM', from, id)
  if from == parked_key(gate.connector) then gate.parked = gate.parked - 1 end
  -- A record that cannot be read does not stop the others.
  if not done then error(record, 0) end
  if not record or record.st ~= 'queued' then return false end
  -- The clock stepped back since the handoff was parked.
  if record.due > now then
    delay_job_until_due(record)
    return false
  end
  if expire_if_overdue(record, FENCE_MS) then return false end
  if must_end_as_refused(gate) then
    end_as_refused(record, gate)
    return false
  end
  -- Its job stays delayed to the deadline until the handoff before it leaves.
  if not is_next_of_contact(record) then return false end
  call('ZREM', DELAYED, job_id_of(record))
  begin_attempt(record, gate)
  return true
end

-- run_or_check_gate_later runs one step for one connector. Where it fails, the gate is checked later, and the others go
-- on.
local function run_or_check_gate_later(connector, step, ...)
  local count = #faults
  local result = run_or_record_fault(connector, step, ...)
  if #faults > count then call('ZADD', GATES, 'XX', format_int(now + PAUSE_CHECK_MS), connector) end
  return result
end

-- count_startable_live_or_replays counts what may begin now: live handoffs, or items of runs.
local function count_startable_live_or_replays(gate, is_live)
  if is_live then return count_startable_handoffs(gate) end
  return count_startable_replays(gate)
end

-- read_parked_queue returns the parked handoffs that a connector's gate allows now, at most `quota`.
local function read_parked_queue(gate, key, is_live, quota)
  local most = must_end_as_refused(gate) and MAX_READ or math.min(quota, count_startable_live_or_replays(gate, is_live))
  if most < 1 then return nil end
  local ids = call('ZRANGE', key, 0, most - 1)
  return #ids > 0 and { gate = gate, key = key, ids = ids, at = 0, is_live = is_live } or nil
end

-- take_parked_round_robin takes one handoff of each queue in turn.
local function take_parked_round_robin(queues, quota)
  local is_moving = true
  while is_moving and quota > 0 do
    is_moving = false
    for _, queue in ipairs(queues) do
      local may_begin = must_end_as_refused(queue.gate)
        or count_startable_live_or_replays(queue.gate, queue.is_live) > 0
      if queue.at < #queue.ids and quota > 0 and may_begin then
        queue.at = queue.at + 1
        is_moving = true
        local id = queue.ids[queue.at]
        if run_or_record_fault(id, take_parked_handoff, queue.gate, id, queue.key) then quota = quota - 1 end
      end
    end
  end
end

-- add_gates_due_for_check adds the gates that are due for a check and that this worker did not leave to other workers.
-- It returns whether there are more.
local function add_gates_due_for_check()
  local due = call('ZRANGEBYSCORE', GATES, '-inf', NOW, 'LIMIT', 0, MAX_GATES_READ)
  if #due == 0 then return false end
  local fields = {}
  for i, connector in ipairs(due) do
    -- A worker that has slots for a connector again opens its gate at once.
    fields[i] = left_to_others_until_field(free_slots[connector] == 0 and 'share' or 'keys', connector)
  end
  local count = #gates_to_open
  for i, left_until in ipairs(call('HMGET', TABLE, unpack(fields))) do
    if (tonumber(left_until or nil) or 0) <= now then
      if #gates_to_open - count == MAX_GATES then return true end
      add_to_gates_to_open(due[i])
    end
  end
  return false
end

-- Gates with no live handoff parked: they may have items of runs.
local gates_without_live = {}

-- open_gates takes parked live handoffs. Half of the slots stay for the wait list, if there are jobs in it.
local function open_gates()
  local has_more_gates = add_gates_due_for_check()
  if #gates_to_open == 0 then return false end
  local quota = call('LLEN', WAIT) > 0 and math.ceil(slots / 2) or slots
  local queues = {}
  prefetch_known_destinations(gates_to_open)
  for _, connector in ipairs(gates_to_open) do
    local gate = run_or_check_gate_later(connector, read_gate_for_worker, connector)
    if gate and gate.parked > 0 then
      local key = parked_key(connector)
      queues[#queues + 1] = run_or_check_gate_later(connector, read_parked_queue, gate, key, true, quota)
    elseif gate then
      gates_without_live[#gates_without_live + 1] = gate
    end
  end
  take_parked_round_robin(queues, quota)
  return has_more_gates
end

-- open_gates_to_replays takes items of runs with the slots that live handoffs leave.
local function open_gates_to_replays()
  local queues = {}
  for _, gate in ipairs(gates_without_live) do
    if gate.parked == 0 then
      local key = parked_replays_key(gate.connector)
      queues[#queues + 1] = run_or_check_gate_later(gate.connector, read_parked_queue, gate, key, false, slots)
    end
  end
  take_parked_round_robin(queues, slots)
end
