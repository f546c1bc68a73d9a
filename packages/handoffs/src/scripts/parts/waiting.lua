-- What a queued handoff waits for is derived from its place and its connector's gate, and written nowhere.

local SHOWN = { 'pause', 'token', 'bs', 'bo', 'throttle', 'pu', 'rate', 'share', 'keys' }

-- waiting_at_gate gives what keeps a whole connector still, then what spaces its handoffs; order stands between the
-- two.
local function waiting_at_gate(record)
  local v = call('HMGET', connector_key(record.cn), unpack(SHOWN))
  local function lasts(value) return value and (tonumber(value) or 0) > now end
  if lasts(v[1]) then return 'pause' end
  if lasts(v[2]) then return 'token' end
  if v[3] and (lasts(v[4]) or lasts(v[6])) then return 'breaker' end
  if v[5] and (lasts(v[5]) or lasts(v[6])) then return 'throttle' end
  local first = call('ZRANGE', contact_key(record), 0, 0)[1]
  if first and first ~= record.id then return 'order' end
  if lasts(v[7]) then return 'rate' end
  if lasts(v[8]) then return 'share' end
  if lasts(v[9]) then return 'keys' end
  return nil
end

-- waiting_for gives the reason, nil where the handoff is free to go.
local function waiting_for(record)
  if record.due > now then
    if record.wk then return record.wk end
    return record.total > record.was and 'retry' or 'delay'
  end
  return waiting_at_gate(record)
end
