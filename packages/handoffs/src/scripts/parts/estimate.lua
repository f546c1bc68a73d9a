-- The door's estimate: whether a newcomer would be sent in time, and leaves in time those who were taken before.
--
-- The order at the gate is that of due moments. So whoever has a delay may find that others, who come later and are due
-- earlier, go first. These are known by steps of a quarter of a second: when they fall due, rounded up, and the
-- earliest deadline among them. A newcomer is taken where all of each step leave in time.

-- What must be left of the time before a deadline for a handoff to be taken. Milliseconds. (docs: contract,
-- backlog-full)
local SPARE_MS = 250
local STEP_MS = 250
-- No delay is over a minute. Milliseconds.
local STEPS_KEPT_MS = 120000

-- Fields are when handoffs with a delay fall due, values the earliest deadline of those.
local function delayed_key(connector) return P .. ':delayed:' .. connector end

-- due_by gives how many queued handoffs of a connector are due by `at`, those included that this script took.
local function due_by(gate, at)
  local count = call('ZCOUNT', queued_key(gate.connector), '-inf', int(at))
  if count > 0 then count = count - call('ZCOUNT', retries_key(gate.connector), '(' .. int(at), '+inf') end
  for _, due in ipairs(gate.taken) do
    if due <= at then count = count + 1 end
  end
  return count
end

local function add_step(gate, at, deadline)
  local step = { at = at, deadline = deadline, due_by = due_by(gate, at) }
  gate.steps[#gate.steps + 1] = step
  table.sort(gate.steps, function(one, other) return one.at < other.at end)
  return step
end

-- step_of gives the step of a moment to come.
local function step_of(gate, due)
  for _, step in ipairs(gate.steps) do
    if step.at >= due and step.at < due + STEP_MS then return step end
  end
  return add_step(gate, math.ceil(due / STEP_MS) * STEP_MS, math.huge)
end

-- read_steps reads a connector's steps and how many are due now, once in a script. Steps that are over are forgotten.
local function read_steps(gate)
  if gate.steps then return end
  gate.steps, gate.due_now = {}, due_by(gate, now)
  if gate.delayed_until <= now then return end
  local key = delayed_key(gate.connector)
  local flat, over = call('HGETALL', key), {}
  for i = 1, #flat, 2 do
    local at = tonumber(flat[i])
    if at < now then over[#over + 1] = flat[i] else add_step(gate, at, tonumber(flat[i + 1])) end
  end
  if #over > 0 then call('HDEL', key, unpack(over)) end
end

-- reopening gives when a closed gate opens, as far as that is known; nil for an open one. While a token is being
-- fetched for the first time, nobody knows for how long.
local function reopening(gate, paused_until)
  local token = gate.token
  if not gate.emptied then gate.token = nil end
  local _, at = closed_by(gate, paused_until)
  gate.token = token
  return at
end

-- is_late: a step would be late that need not be, and still holds somebody who was not cancelled.
local function is_late(gate, step, sent_without, sent)
  if sent <= step.at or sent + SPARE_MS <= step.deadline or sent_without > step.deadline then return false end
  return due_by(gate, step.at) > due_by(gate, step.at - STEP_MS)
end

-- late_in_steps goes through the steps. `without` and `with` are when the bucket would be full again once all who are
-- due now have left, without and with the newcomer; whoever takes its last token leaves `burst_ms` before that. Gives
-- by how much the newcomer would be late, or make a step late. Nothing is spared for a step that is too late in any
-- case.
local function late_in_steps(gate, newcomer, slot_ms, burst_ms, without, with)
  local own = newcomer.due > now and step_of(gate, newcomer.due)
  local before, has_joined, late = gate.due_now, not own, 0
  for _, step in ipairs(gate.steps) do
    local more_ms = (step.due_by - before) * slot_ms
    without, with = math.max(without, step.at) + more_ms, math.max(with, step.at) + more_ms
    if step == own then with, has_joined = with + slot_ms, true end
    local sent = math.max(step.at, with - burst_ms)
    if step == own and sent > step.at then late = math.max(late, sent + SPARE_MS - newcomer.deadline) end
    if has_joined and is_late(gate, step, math.max(step.at, without - burst_ms), sent) then
      late = math.max(late, sent + SPARE_MS - step.deadline)
    end
    before = step.due_by
  end
  return late
end

-- lateness gives by how many milliseconds a newcomer would be late, or make another late that was taken before; 0 where
-- it may be taken. It goes by what is known of the gate's end and by all who are queued and due earlier, less the
-- bucket, at the current rate; an open-ended pause adds nothing.
local function lateness(gate, rate, newcomer, paused_until)
  local reopens = reopening(gate, paused_until)
  local start = math.max(now, reopens or 0)
  local function late_at(at)
    return at > newcomer.due and math.max(0, math.ceil(at + SPARE_MS - newcomer.deadline)) or 0
  end
  if not rate then return late_at(start) end
  refill(gate, rate.per_second, rate.burst)
  local slot_ms = 1000 / rate.per_second
  local burst_ms = rate.burst * slot_ms
  local empty_ms = (rate.burst - (reopens and 0 or gate.tokens)) * slot_ms
  -- Mostly nobody has a delay, and all who are queued leave in time before this one: no need to count who is due.
  if gate.delayed_until <= now and newcomer.due <= now then
    local at_last = start + empty_ms + (gate.queued + #gate.taken + 1) * slot_ms - burst_ms
    if late_at(at_last) == 0 then return 0 end
  end
  read_steps(gate)
  local without = start + empty_ms + gate.due_now * slot_ms
  if newcomer.due > now then return math.ceil(late_in_steps(gate, newcomer, slot_ms, burst_ms, without, without)) end
  local late = late_at(without + slot_ms - burst_ms)
  if #gate.steps == 0 then return late end
  return math.max(late, math.ceil(late_in_steps(gate, newcomer, slot_ms, burst_ms, without, without + slot_ms)))
end

-- take_in counts a newcomer in, for those that come after it.
local function take_in(gate, newcomer)
  if newcomer.due > now then
    read_steps(gate)
    local step, key = step_of(gate, newcomer.due), delayed_key(gate.connector)
    step.deadline = math.min(step.deadline, newcomer.deadline)
    call('HSET', key, int(step.at), int(step.deadline))
    call('PEXPIRE', key, STEPS_KEPT_MS)
    gate.delayed_until = math.max(gate.delayed_until, step.at)
    call('HSET', connector_key(gate.connector), 'delayed', int(gate.delayed_until))
  elseif gate.steps then
    gate.due_now = gate.due_now + 1
  end
  gate.taken[#gate.taken + 1] = newcomer.due
  for _, step in ipairs(gate.steps or {}) do
    if newcomer.due <= step.at then step.due_by = step.due_by + 1 end
  end
end
