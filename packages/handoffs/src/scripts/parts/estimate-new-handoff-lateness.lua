--- @include connector-gate
-- The estimate at acceptance: whether a new handoff would be sent in time, without making an accepted one late.
--
-- The gate's order is that of due moments. So a handoff with a delay may be overtaken by later ones that are due
-- earlier. Delayed handoffs are therefore counted in steps of a quarter of a second: each step is a due moment, rounded
-- up, with the earliest deadline of its handoffs. A new handoff is accepted if every step is still sent in time.

-- How long before its deadline a handoff must be sent to be accepted. Milliseconds. (docs: contract, backlog-full)
local MARGIN_MS = 250
local STEP_MS = 250
-- No delay is longer than a minute. Milliseconds.
local STEPS_KEPT_MS = 120000

-- A hash: the due moments of handoffs with a delay, each with the earliest deadline.
local function delay_steps_key(connector) return P .. ':delayed:' .. connector end

-- count_due_by counts a connector's queued handoffs that are due by `at`, with those that this script accepted.
local function count_due_by(gate, at)
  local count = call('ZCOUNT', queued_key(gate.connector), '-inf', format_int(at))
  if count > 0 then count = count - call('ZCOUNT', retries_key(gate.connector), '(' .. format_int(at), '+inf') end
  for _, due in ipairs(gate.accepted) do
    if due <= at then count = count + 1 end
  end
  return count
end

local function add_delay_step(gate, at, deadline)
  local step = { at = at, deadline = deadline, due_by = count_due_by(gate, at) }
  gate.steps[#gate.steps + 1] = step
  table.sort(gate.steps, function(one, other) return one.at < other.at end)
  return step
end

-- delay_step_of returns the step of a moment in the future.
local function delay_step_of(gate, due)
  for _, step in ipairs(gate.steps) do
    if step.at >= due and step.at < due + STEP_MS then return step end
  end
  return add_delay_step(gate, math.ceil(due / STEP_MS) * STEP_MS, math.huge)
end

-- read_delay_steps reads a connector's steps and how many handoffs are due now, once in a script. It deletes past
-- steps.
local function read_delay_steps(gate)
  if gate.steps then return end
  gate.steps, gate.due_now = {}, count_due_by(gate, now)
  if gate.delayed_until <= now then return end
  local key = delay_steps_key(gate.connector)
  local flat, over = call('HGETALL', key), {}
  for i = 1, #flat, 2 do
    local at = tonumber(flat[i])
    if at < now then over[#over + 1] = flat[i] else add_delay_step(gate, at, tonumber(flat[i + 1])) end
  end
  if #over > 0 then call('HDEL', key, unpack(over)) end
end

-- gate_reopens_at returns when a closed gate opens, as far as that is known, and why it is closed; nil for an open one.
-- How long the first fetch of a token takes is unknown, so it counts as no time.
local function gate_reopens_at(gate, paused_until)
  local token = gate.token
  if not gate.emptied then gate.token = nil end
  local reason, at = gate_closed_by(gate, paused_until)
  gate.token = token
  return at, reason
end

-- makes_step_late returns whether the new handoff makes a step late that would be in time without it, and that still
-- has handoffs.
local function makes_step_late(gate, step, sent_without, sent)
  if sent <= step.at or sent + MARGIN_MS <= step.deadline or sent_without > step.deadline then return false end
  return count_due_by(gate, step.at) > count_due_by(gate, step.at - STEP_MS)
end

-- lateness_with_delayed_handoffs goes through the steps, and returns by how many milliseconds the new handoff would be
-- late or make a step late. `full_without` and `full_with` are when the bucket would be full again after all that are
-- due now, without and with the new handoff; the last token is taken `burst_ms` before that. A step that is late in any
-- case does not count.
local function lateness_with_delayed_handoffs(gate, newcomer, slot_ms, burst_ms, full_without, full_with)
  local own = newcomer.due > now and delay_step_of(gate, newcomer.due)
  local before, has_joined, late = gate.due_now, not own, 0
  for _, step in ipairs(gate.steps) do
    local more_ms = (step.due_by - before) * slot_ms
    full_without, full_with = math.max(full_without, step.at) + more_ms, math.max(full_with, step.at) + more_ms
    if step == own then full_with, has_joined = full_with + slot_ms, true end
    local sent = math.max(step.at, full_with - burst_ms)
    if step == own and sent > step.at then late = math.max(late, sent + MARGIN_MS - newcomer.deadline) end
    if has_joined and makes_step_late(gate, step, math.max(step.at, full_without - burst_ms), sent) then
      late = math.max(late, sent + MARGIN_MS - step.deadline)
    end
    before = step.due_by
  end
  return late
end

-- lateness_if_sent_at returns by how many milliseconds a new handoff that is sent at `at` would be late.
local function lateness_if_sent_at(newcomer, at)
  return at > newcomer.due and math.max(0, math.ceil(at + MARGIN_MS - newcomer.deadline)) or 0
end

-- lateness_at_rate returns by how many milliseconds it would be late, or make an accepted one late, with a gate that
-- opens at `start`.
local function lateness_at_rate(gate, rate, newcomer, start, reopens)
  refill_rate_bucket(gate, rate.per_second, rate.burst)
  local slot_ms = 1000 / rate.per_second
  local burst_ms = rate.burst * slot_ms
  local empty_ms = (rate.burst - (reopens and 0 or gate.tokens)) * slot_ms
  -- The usual case needs no count of what is due: none has a delay, and all that are queued leave in time before this
  -- one.
  if gate.delayed_until <= now and newcomer.due <= now then
    local at_last = start + empty_ms + (gate.queued + #gate.accepted + 1) * slot_ms - burst_ms
    if lateness_if_sent_at(newcomer, at_last) == 0 then return 0 end
  end
  read_delay_steps(gate)
  local full_without = start + empty_ms + gate.due_now * slot_ms
  if newcomer.due > now then
    return math.ceil(lateness_with_delayed_handoffs(gate, newcomer, slot_ms, burst_ms, full_without, full_without))
  end
  local late = lateness_if_sent_at(newcomer, full_without + slot_ms - burst_ms)
  if #gate.steps == 0 then return late end
  local full_with = full_without + slot_ms
  local late_step = lateness_with_delayed_handoffs(gate, newcomer, slot_ms, burst_ms, full_without, full_with)
  return math.max(late, math.ceil(late_step))
end

-- estimate_lateness returns by how many milliseconds a new handoff would be late, or make an accepted one late, and
-- why; 0 where it may be accepted. It considers when the gate opens, all queued handoffs that are due earlier, and the
-- bucket, at the current rate. A pause without an end adds nothing.
local function estimate_lateness(gate, rate, newcomer, paused_until)
  local reopens, reason = gate_reopens_at(gate, paused_until)
  local start = math.max(now, reopens or 0)
  local late_ms = lateness_if_sent_at(newcomer, start)
  local why = late_ms > 0 and reason or 'rate'
  if rate then late_ms = lateness_at_rate(gate, rate, newcomer, start, reopens) end
  return late_ms, why
end

-- count_accepted_in_estimate counts an accepted handoff for those that come after it.
local function count_accepted_in_estimate(gate, newcomer)
  if newcomer.due > now then
    read_delay_steps(gate)
    local step, key = delay_step_of(gate, newcomer.due), delay_steps_key(gate.connector)
    step.deadline = math.min(step.deadline, newcomer.deadline)
    call('HSET', key, format_int(step.at), format_int(step.deadline))
    call('PEXPIRE', key, STEPS_KEPT_MS)
    gate.delayed_until = math.max(gate.delayed_until, step.at)
    call('HSET', connector_key(gate.connector), 'delayed', format_int(gate.delayed_until))
  elseif gate.steps then
    gate.due_now = gate.due_now + 1
  end
  gate.accepted[#gate.accepted + 1] = newcomer.due
  for _, step in ipairs(gate.steps or {}) do
    if newcomer.due <= step.at then step.due_by = step.due_by + 1 end
  end
end
