--- @include bullmq-jobs
-- A connector's gate: the state, shared by all workers, that decides whether its handoffs may go, and its queue of
-- parked handoffs.
--
-- Fields of the connector's hash. Instants are epoch milliseconds on Redis's clock.
--   tk, ta            the rate's bucket: tokens, and when they were counted
--   pause token rate share keys
--                     until when the reason is shown for waiting handoffs; `token` also closes the gate
--   emptied           1: a token fetch failed, so the bucket is empty once there is a token
--   spaced            1: a connector without a rate reopens: its parked handoffs leave SPACED_MS apart
--   throttle          until when CXone asked for no requests (`Retry-After`), at most maxHoldMs;
--                     kept until CXone answers a probe with 2xx
--   throttled         since when there is a throttle
--   bs, bo, bn        breaker: nil (closed) or `open`; until when; how often in a row. After `bo` it is probed
--   broke             since when the breaker is not closed
--   delivered         when CXone last answered 2xx
--   b0 … b9, bf       requests and failures of one second each, as `second:requests:failures`;
--                     the second of the last failure
--   pt, pu            the live probe's attempt token; until when no other handoff probes
--   delayed           when the last of the handoffs with a delay falls due
--   lacking           until when the last handoff waits that is sealed under a key which a worker does not have
--   closed            the connector is being deleted
local GATES = P .. ':gates'
-- Parked live handoffs of a connector, by when their attempt is due (microseconds, so that those of one millisecond
-- keep the order in which they came). Parked items of runs have a set of their own; they are taken only when it is
-- empty of live ones.
local function parked_key(connector) return P .. ':parked:' .. connector end
local function parked_replays_key(connector) return P .. ':parked-replays:' .. connector end
local function parked_key_of_handoff(record)
  return record.rp and parked_replays_key(record.cn) or parked_key(record.cn)
end

-- Without a rate, the handoffs that were parked while the gate was closed leave this far apart, not all at once.
-- Milliseconds.
local SPACED_MS = 5

-- wake_worker_at sets when a blocked worker is woken for a gate: with a member of the marker that only gates use.
local function wake_worker_at(at) call('ZADD', MARKER, 'LT', format_int(at), '2') end

-- schedule_gate_check_now has the next claim check a connector's gate.
local scheduled_here = {}
local function schedule_gate_check_now(connector)
  scheduled_here[connector] = true
  call('ZADD', GATES, NOW, connector)
  wake_worker_at(now)
end

-- schedule_gate_check_if_parked does so where handoffs are parked.
local function schedule_gate_check_if_parked(connector)
  if call('EXISTS', parked_key(connector), parked_replays_key(connector)) == 0 then return end
  schedule_gate_check_now(connector)
end

-- The breaker's bucket of this second.
local BUCKET = 'b' .. math.floor(now / 1000) % 10
local GATE_FIELDS = { BUCKET, 'bf', 'tk', 'ta', 'token', 'throttle', 'bs', 'bo', 'bn', 'pt', 'pu', 'emptied', 'spaced',
  'pause', 'closed', 'delayed' }

-- gate_of_connector reads a connector's gate, once in a script. `change_gate_field` and `clear_gate_field` collect
-- changes; write_all_gate_changes writes them.
local gates = {}
local function gate_of_connector(connector)
  local gate = gates[connector]
  if gate then return gate end
  local v = call('HMGET', connector_key(connector), unpack(GATE_FIELDS))
  gate = { connector = connector, bucket = v[1] or '', failed_second = tonumber(v[2]), tokens = tonumber(v[3]),
    counted_at = tonumber(v[4]), token = tonumber(v[5]), throttle = tonumber(v[6]), breaker = v[7] or nil,
    open_until = tonumber(v[8]) or 0, opened = tonumber(v[9]) or 0, probe = v[10] or nil,
    probe_until = tonumber(v[11]) or 0, emptied = v[12] or nil, spaced = v[13] or nil, pause = tonumber(v[14]),
    is_deleted = v[15] or nil, delayed_until = tonumber(v[16]) or 0, accepted = {}, changes = {}, cleared = {} }
  gates[connector] = gate
  return gate
end

local function change_gate_field(gate, name, value) gate.changes[name] = value end
local function clear_gate_field(gate, name)
  gate.changes[name] = nil
  gate.cleared[#gate.cleared + 1] = name
end

local function write_gate_changes(connector, gate)
  if #gate.cleared > 0 then call('HDEL', connector_key(connector), unpack(gate.cleared)) end
  local flat = {}
  for name, value in pairs(gate.changes) do
    flat[#flat + 1] = name
    flat[#flat + 1] = value
  end
  if #flat > 0 then call('HSET', connector_key(connector), unpack(flat)) end
  gate.changes, gate.cleared = {}, {}
end

local function write_all_gate_changes()
  for connector, gate in pairs(gates) do run_or_record_fault(connector, write_gate_changes, connector, gate) end
end

local function write_rate_bucket(gate)
  change_gate_field(gate, 'tk', format('%.4f', gate.tokens))
  change_gate_field(gate, 'ta', format_int(gate.counted_at))
end

-- empty_rate_bucket empties the bucket until the gate reopens at `at`: what was parked leaves at the rate, not all at
-- once.
local function empty_rate_bucket(gate, at)
  gate.tokens, gate.counted_at, gate.spaced = 0, at, '1'
  write_rate_bucket(gate)
  change_gate_field(gate, 'spaced', '1')
end

-- is_awaiting_probe returns whether the breaker or the throttle is over and awaits a probe: one handoff at a time shows
-- whether CXone is back.
local function is_awaiting_probe(gate)
  return (gate.breaker and gate.open_until <= now) or (gate.throttle and gate.throttle <= now) or false
end

-- gate_closed_by returns why the gate is closed (the first of the reasons) and until when (the latest of their ends);
-- nil where it is open. The rate is not among them: only claim and accept have the policy.
local function gate_closed_by(gate, paused_until)
  local reason, at
  if paused_until and paused_until > now then reason, at = 'pause', paused_until end
  local token = gate.token
  if token and token > now then reason, at = reason or 'token', math.max(at or 0, token) end
  if gate.breaker and gate.open_until > now then
    reason, at = reason or 'breaker', math.max(at or 0, gate.open_until)
  end
  local throttled = gate.throttle
  if throttled and throttled > now then reason, at = reason or 'throttle', math.max(at or 0, throttled) end
  if not at and is_awaiting_probe(gate) and gate.probe_until > now then
    reason, at = gate.breaker and 'breaker' or 'throttle', gate.probe_until
  end
  return reason, at
end

-- correct_rate_bucket: a bucket is counted later than now only while the gate is closed. Otherwise the clock stepped
-- back, and the bucket fills from now on.
local function correct_rate_bucket(gate)
  if (gate.counted_at or now) <= now then return end
  local _, closed_until = gate_closed_by(gate)
  if gate.counted_at <= (closed_until or now) then return end
  gate.counted_at = closed_until or now
  write_rate_bucket(gate)
end

-- refill_rate_bucket counts the bucket's tokens now. `per_second` and `burst` are the current policy's, so that a
-- changed rate applies at once.
local function refill_rate_bucket(gate, per_second, burst)
  gate.tokens = gate.tokens or burst
  correct_rate_bucket(gate)
  local tokens = gate.tokens
  if gate.counted_at and now > gate.counted_at then tokens = tokens + (now - gate.counted_at) * per_second / 1000 end
  gate.tokens = math.min(burst, tokens)
  gate.counted_at = math.max(now, gate.counted_at or now)
end

-- empty_reopened_rate_bucket empties the bucket of a gate whose reason was cleared, until its other reasons end.
local function empty_reopened_rate_bucket(gate)
  local _, at = gate_closed_by(gate)
  empty_rate_bucket(gate, at or now)
end
--- @enclose
