--- @include connector-gate
-- The breaker and the probe: how an answer of CXone changes a connector's gate. `limits` are {minRequests,
-- failureRatio, windowMs, openMs, maxOpenMs}.

local BUCKETS = { 'b0', 'b1', 'b2', 'b3', 'b4', 'b5', 'b6', 'b7', 'b8', 'b9' }

local NOW_SECOND = math.floor(now / 1000)

local function is_in_breaker_window(second, limits) return second and (NOW_SECOND - second) * 1000 < limits.windowMs end

-- parse_breaker_bucket returns a bucket's second, requests and failures; nil and zeros where it is outside the window.
local function parse_breaker_bucket(text, limits)
  local second, requests, failures = string.match(text, '(%d+):(%d+):(%d+)')
  if not is_in_breaker_window(tonumber(second), limits) then return nil, 0, 0 end
  return tonumber(second), tonumber(requests), tonumber(failures)
end

-- count_answer_in_window counts one answer in this second's bucket. It returns the requests and failures of the window;
-- zeros where nothing failed in it.
local function count_answer_in_window(gate, has_failed, limits)
  local second, requests, failures = parse_breaker_bucket(gate.bucket, limits)
  if second ~= NOW_SECOND then requests, failures = 0, 0 end
  gate.bucket = format('%d:%d:%d', NOW_SECOND, requests + 1, failures + (has_failed and 1 or 0))
  change_gate_field(gate, BUCKET, gate.bucket)
  if has_failed then
    gate.failed_second = NOW_SECOND
    change_gate_field(gate, 'bf', format_int(NOW_SECOND))
  end
  if not is_in_breaker_window(gate.failed_second, limits) then return 0, 0 end
  gate.window = gate.window or call('HMGET', connector_key(gate.connector), unpack(BUCKETS))
  local sum, failed = 0, 0
  for i, text in ipairs(gate.window) do
    if BUCKETS[i] == BUCKET then text = gate.bucket end
    local _, more, bad = parse_breaker_bucket(text or '', limits)
    sum, failed = sum + more, failed + bad
  end
  return sum, failed
end

local function clear_breaker_window(gate)
  gate.window, gate.bucket, gate.failed_second = nil, '', nil
  for _, name in ipairs(BUCKETS) do clear_gate_field(gate, name) end
  clear_gate_field(gate, 'bf')
end

local function end_live_probe(gate)
  gate.probe, gate.probe_until = nil, 0
  clear_gate_field(gate, 'pt')
  clear_gate_field(gate, 'pu')
end

local function open_breaker(gate, opened, limits)
  gate.breaker, gate.opened = 'open', opened + 1
  gate.open_until = now + math.min(limits.maxOpenMs, limits.openMs * 2 ^ opened)
  change_gate_field(gate, 'bs', 'open')
  change_gate_field(gate, 'bo', format_int(gate.open_until))
  change_gate_field(gate, 'bn', format_int(gate.opened))
  if opened == 0 then change_gate_field(gate, 'broke', NOW) end
  empty_rate_bucket(gate, gate.open_until)
end

-- close_breaker and clear_throttle end one reason each.
local function close_breaker(gate)
  if not gate.breaker then return end
  gate.breaker, gate.open_until, gate.opened = nil, 0, 0
  for _, name in ipairs({ 'bs', 'bo', 'bn', 'broke' }) do clear_gate_field(gate, name) end
  clear_breaker_window(gate)
end

local function clear_throttle(gate)
  if not gate.throttle then return end
  gate.throttle = nil
  clear_gate_field(gate, 'throttle')
  clear_gate_field(gate, 'throttled')
end

-- begin_throttle closes the gate for `throttle_ms` from now, unless a throttle that ends later does so already.
local function begin_throttle(gate, throttle_ms)
  local at = now + throttle_ms
  if gate.throttle and gate.throttle >= at then return end
  if not gate.throttle then change_gate_field(gate, 'throttled', NOW) end
  gate.throttle = at
  change_gate_field(gate, 'throttle', format_int(at))
  empty_rate_bucket(gate, at)
end

-- apply_answer_to_gate applies one answer to the gate: {token, has_failed, is_accepted, is_unsent}. It returns whether
-- the answer was the probe's, so that the gate may be open now.
local function apply_answer_to_gate(gate, answer, limits)
  local is_probe = gate.probe == answer.token
  if is_probe then end_live_probe(gate) end
  if answer.is_unsent then return is_probe end
  local was_closed = gate.breaker or gate.throttle
  if is_probe and gate.breaker then
    if answer.has_failed then open_breaker(gate, gate.opened, limits) else close_breaker(gate) end
  elseif not gate.breaker then
    local requests, failures = count_answer_in_window(gate, answer.has_failed, limits)
    if requests >= limits.minRequests and failures >= requests * limits.failureRatio then
      open_breaker(gate, 0, limits)
    end
  end
  if is_probe and answer.is_accepted then clear_throttle(gate) end
  -- Handoffs that were parked while the gate was closed leave at the rate, however long the probe took.
  if was_closed and not gate.breaker and not gate.throttle then empty_reopened_rate_bucket(gate) end
  return is_probe
end
