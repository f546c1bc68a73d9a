--- @include contact-queue
-- What a queued handoff waits for is derived from its place and its connector's gate, and stored nowhere.

local WAIT_FIELDS = { 'pause', 'token', 'bs', 'bo', 'throttle', 'pu', 'rate', 'share', 'keys' }

-- reason_to_wait_at_gate returns the first reason that holds: what closes the gate, the contact's order, the rate, or
-- what a worker cannot pass. It also returns until when at least, as far as that is known.
local function reason_to_wait_at_gate(record)
  local v = call('HMGET', connector_key(record.cn), unpack(WAIT_FIELDS))
  local at = now
  local function lasts(value)
    local moment = tonumber(value or nil) or 0
    at = math.max(at, moment)
    return moment > now
  end
  local is_paused = lasts(v[1])
  -- The field only shows a pause. When the pause ends is not known here.
  at = now
  local is_fetched, is_open, is_throttled = lasts(v[2]), v[3] and lasts(v[4]), lasts(v[5])
  local is_probed = (v[3] or v[5]) and lasts(v[6])
  if is_paused then return 'pause', at end
  if is_fetched then return 'token', at end
  if is_open or (v[3] and is_probed) then return 'breaker', at end
  if is_throttled or is_probed then return 'throttle', at end
  local first = call('ZRANGE', contact_key(record), 0, 0)[1]
  if first and first ~= record.id then return 'order', at end
  if lasts(v[7]) then return 'rate', at end
  if (tonumber(v[8] or nil) or 0) > now then return 'share', now end
  if (tonumber(v[9] or nil) or 0) > now then return 'keys', now end
  return nil
end

-- reason_to_wait returns the reason, nil where the handoff is free to go; and until when, where it waits at the gate.
local function reason_to_wait(record)
  if record.due > now then
    if record.wk then return record.wk end
    return record.total > record.was and 'retry' or 'delay'
  end
  return reason_to_wait_at_gate(record)
end
