-- A connector's gate: the facts that hold its handoffs back, shared by all workers, and its queue of parked handoffs.
--
-- Fields of the connector's hash. Instants are epoch milliseconds on Redis's clock.
--   tk, ta            the rate's bucket: tokens, and when they were counted
--   pause token rate share keys   until when handoffs are said to wait for it. `token` is a fact; the others only show
--   emptied           1: the token was missing after a failed fetch, so the bucket is found empty
--   spaced            1: a connector without a rate reopens: its parked handoffs leave SPACED_MS apart
--   throttle          until when CXone asked it to keep still (`Retry-After`), at most maxHoldMs; kept until a probe is
--     answered 2xx
--   bs, bo, bn        breaker: nil (closed) or `open`; open until; how often in a row. Past `bo` it is probed
--   broke             since when the breaker is not closed
--   delivered         when CXone last answered 2xx
--   b0 … b9, bf       requests and failures of one second each, as `second:requests:failures`; the second of the last
--     failure
--   pt, pu            the live probe's attempt token; until when nobody else probes
--   delayed           until when the last of those with a delay falls due
--   lacking           until when the last of those waits whose parameters are sealed under a key that a worker lacks
--   closed            the connector is being deleted
local GATES = P .. ':gates'
-- Parked live handoffs of a connector, by when their attempt is due (microseconds, so that those of one millisecond go
-- in the order in which they came); parked items of runs, taken only when there is no live one.
local function parked_key(connector) return P .. ':parked:' .. connector end
local function parked_replays_key(connector) return P .. ':parked-replays:' .. connector end
local function parking_of(record) return record.rp and parked_replays_key(record.cn) or parked_key(record.cn) end

-- Without a rate, those who were parked while the gate was closed leave so far apart, not all at once. Milliseconds.
local SPACED_MS = 5

-- wake_at sets the moment at which a blocked worker is woken for a gate: a member of the marker that nothing else
-- writes.
local function wake_at(at) call('ZADD', MARKER, 'LT', int(at), '2') end

-- arm makes a connector's gate looked at now.
local armed_here = {}
local function arm(connector)
  armed_here[connector] = true
  call('ZADD', GATES, NOW, connector)
  wake_at(now)
end

-- arm_if_parked makes it looked at now where somebody waits behind it.
local function arm_if_parked(connector)
  if call('EXISTS', parked_key(connector), parked_replays_key(connector)) > 0 then arm(connector) end
end

-- The breaker's bucket of this second.
local BUCKET = 'b' .. math.floor(now / 1000) % 10
local GATE_FIELDS = { BUCKET, 'bf', 'tk', 'ta', 'token', 'throttle', 'bs', 'bo', 'bn', 'pt', 'pu', 'emptied', 'spaced', 'pause', 'closed',
  'delayed' }

-- gate_of reads a connector's gate, once in a script. Changes are made to the table and written by `write_gates`.
local gates = {}
local function gate_of(connector)
  local gate = gates[connector]
  if gate then return gate end
  local v = call('HMGET', connector_key(connector), unpack(GATE_FIELDS))
  gate = { connector = connector, bucket = v[1] or '', failed_second = tonumber(v[2]), tokens = tonumber(v[3]),
    counted_at = tonumber(v[4]),
    token = tonumber(v[5]), throttle = tonumber(v[6]), breaker = v[7] or nil, open_until = tonumber(v[8]) or 0,
    opened = tonumber(v[9]) or 0,
    probe = v[10] or nil, probe_until = tonumber(v[11]) or 0, emptied = v[12] or nil, spaced = v[13] or nil,
    pause = tonumber(v[14]),
    is_deleted = v[15] or nil, delayed_until = tonumber(v[16]) or 0, taken = {}, changes = {}, cleared = {} }
  gates[connector] = gate
  return gate
end

local function change(gate, name, value) gate.changes[name] = value end
local function clear(gate, name)
  gate.changes[name] = nil
  gate.cleared[#gate.cleared + 1] = name
end

local function write_gate(connector, gate)
  if #gate.cleared > 0 then call('HDEL', connector_key(connector), unpack(gate.cleared)) end
  local flat = {}
  for name, value in pairs(gate.changes) do
    flat[#flat + 1] = name
    flat[#flat + 1] = value
  end
  if #flat > 0 then call('HSET', connector_key(connector), unpack(flat)) end
  gate.changes, gate.cleared = {}, {}
end

local function write_gates()
  for connector, gate in pairs(gates) do each(connector, write_gate, connector, gate) end
end

-- refill counts the bucket's tokens now. `per_second` and `burst` are of the policy as it is now, so a changed rate
-- holds at once.
local function refill(gate, per_second, burst)
  local tokens = gate.tokens or burst
  if gate.counted_at and now > gate.counted_at then tokens = tokens + (now - gate.counted_at) * per_second / 1000 end
  gate.tokens = math.min(burst, tokens)
  gate.counted_at = math.max(now, gate.counted_at or now)
end

local function write_bucket(gate)
  change(gate, 'tk', format('%.4f', gate.tokens))
  change(gate, 'ta', int(gate.counted_at))
end

-- empty makes a gate that reopens at `at` find no tokens from before: what was held back leaves at the rate, never as a
-- herd.
local function empty(gate, at)
  gate.tokens, gate.counted_at, gate.spaced = 0, at, '1'
  write_bucket(gate)
  change(gate, 'spaced', '1')
end

-- is_probed: after the breaker's and the throttle's moment one handoff at a time shows whether CXone is back.
local function is_probed(gate)
  return (gate.breaker and gate.open_until <= now) or (gate.throttle and gate.throttle <= now) or false
end

-- closed_by gives why the gate is closed, the first of the reasons, and until when, the latest of their moments; nil
-- where it is open. Rate is not among them: it depends on the policy, which only claim and accept are told.
local function closed_by(gate, paused_until)
  local reason, at
  if paused_until and paused_until > now then reason, at = 'pause', paused_until end
  local token = gate.token
  if token and token > now then reason, at = reason or 'token', math.max(at or 0, token) end
  if gate.breaker and gate.open_until > now then reason, at = reason or 'breaker', math.max(at or 0, gate.open_until) end
  local throttled = gate.throttle
  if throttled and throttled > now then reason, at = reason or 'throttle', math.max(at or 0, throttled) end
  if not at and is_probed(gate) and gate.probe_until > now then reason, at = gate.breaker and 'breaker' or 'throttle', gate.probe_until end
  return reason, at
end

-- empty_reopened is `empty` for a gate from which a reason was lifted, whenever the others end.
local function empty_reopened(gate)
  local _, at = closed_by(gate)
  empty(gate, at or now)
end
--- @enclose
