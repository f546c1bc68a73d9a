-- A connector's gate as one worker may pass it: what all share (gate.lua), and what this worker knows and lacks.
-- A part of claim.lua, whose arguments it uses.

-- When a worker looks again at a gate that it left to the others, where nothing tells it earlier: at the next claim of
-- one that has nothing to do (BLOCK_MS of the claim loop). Milliseconds.
local LEFT_MS = 900
-- For how long `share` and `keys` are shown after a worker met them. Milliseconds.
local SHOWN_MS = 2000

-- Connectors whose destination this worker must find.
local missing_destinations, lacks = {}, {}
local function lack(connector)
  if lacks[connector] then return end
  lacks[connector] = true
  missing_destinations[#missing_destinations + 1] = connector
end

-- note_pause keeps the pause as this worker was told of it; when it is over, the bucket is empty.
local function note_pause(gate)
  if IS_STOPPED then gate.paused_until = math.huge end
  if gate.paused_until and gate.paused_until > now then
    gate.paused_until = math.min(gate.paused_until, now + PAUSE_LOOK_MS)
    change(gate, 'pause', int(now + 2 * PAUSE_LOOK_MS))
  elseif gate.pause then
    gate.pause, gate.paused_until = nil, nil
    clear(gate, 'pause')
    empty_reopened(gate)
  end
end

-- is_refused: a paused connector's handoffs do not die of its keys; a pause is the time to mend them.
local function is_refused(gate) return gate.kind == 'refused' and not (gate.paused_until and gate.paused_until > now) end

-- note_token closes the gate while nobody has a token, and asks for one where this worker alone lacks it.
local function note_token(gate)
  if gate.kind == 'ready' then
    if gate.token then clear(gate, 'token') end
    if gate.emptied then
      empty_reopened(gate)
      clear(gate, 'emptied')
    end
    gate.token, gate.emptied = nil, nil
    return
  end
  if gate.kind then return end
  local v = call('HMGET', P .. ':a:' .. gate.connector, 'access', 'expiresAt', 'lease', 'leaseUntil', 'retryAt')
  local lease_until, retry_at = tonumber(v[4] or nil) or 0, tonumber(v[5] or nil) or 0
  local is_there = v[1] and v[1] ~= '' and (tonumber(v[2] or nil) or 0) > now
  local waits_until = (v[3] and v[3] ~= '' and lease_until > now and lease_until) or (retry_at > now and retry_at)
  if is_there or not waits_until then
    if gate.token then clear(gate, 'token') end
    gate.token = nil
    lack(gate.connector)
    return
  end
  gate.token = waits_until
  change(gate, 'token', int(waits_until))
  if retry_at > now then change(gate, 'emptied', '1') end
end

local touched = {}
-- gate_here is the connector's gate as this worker may pass it.
local function gate_here(connector)
  local gate = gate_of(connector)
  if gate.is_read then return gate end
  gate.is_read = true
  touched[#touched + 1] = gate
  read_ahead({ connector })
  find_destination(gate)
  note_pause(gate)
  if gate.kind ~= 'refused' then note_token(gate) end
  gate.free = free_slots[connector] or LIMIT
  -- A connector with somebody parked is always armed.
  gate.is_armed = armed_at[connector] or armed_here[connector] or false
  gate.parked = gate.is_armed and call('ZCARD', parked_key(connector)) or 0
  if gate.spaced and not gate.per_second and gate.kind == 'ready' then
    if gate.parked > 0 then gate.per_second, gate.burst = 1000 / SPACED_MS, 1 else clear(gate, 'spaced') end
  end
  if gate.per_second then refill(gate, gate.per_second, gate.burst) end
  return gate
end

-- places gives how many of a connector's handoffs this worker may begin now.
local function places(gate)
  if gate.kind ~= 'ready' or closed_by(gate, gate.paused_until) then return 0 end
  local most = math.min(gate.free, gate.per_second and math.floor(gate.tokens + 0.00005) or gate.free)
  return is_probed(gate) and math.min(1, most) or most
end

-- What items of runs leave to live handoffs: half of the bucket, and half of what a connector may have in flight here.
local function tokens_kept(gate) return math.floor(gate.burst / 2) end
local SLOTS_KEPT = math.floor(LIMIT / 2)

-- replay_places is places for items of runs.
local function replay_places(gate)
  local most = math.min(places(gate), gate.free - SLOTS_KEPT, replay_slots)
  if gate.per_second then most = math.min(most, math.floor(gate.tokens + 0.00005 - tokens_kept(gate))) end
  return most
end

-- When a gate is looked at again whose items of runs leave what there is to live handoffs. Milliseconds.
local REPLAYS_LOOK_MS = 50

-- left_field names the field of this worker's table that says until when it leaves a gate to the others; woken_field
-- the one that says until when it wakes none of them for a gate.
local function left_field(connector) return 'left ' .. connector end
local function woken_field(connector) return 'woken ' .. connector end

-- leave_to_others keeps a gate open for the other workers which this one cannot pass for a reason of its own, and wakes
-- one of them. Its own trouble ends with a claim that names the connector, but for what it lacks: that may turn out to
-- be lacking for all.
local function leave_to_others(gate, trouble)
  local field = trouble == '' and woken_field(gate.connector) or left_field(gate.connector)
  if (tonumber(call('HGET', TABLE, field) or nil) or 0) > now then return end
  call('HSET', TABLE, field, int(now + LEFT_MS))
  call('PEXPIRE', TABLE, TABLE_KEPT_MS)
  wake_at(now)
end

-- own_trouble gives why this worker alone cannot pass an open gate: share, keys, or '' for one that is not shown.
local function own_trouble(gate)
  if gate.kind == 'ready' and gate.free < 1 then return 'share' end
  if gate.kind == 'keys' then return 'keys' end
  return (not gate.kind or gate.has_other_version) and ''
end

-- The next moment of a gate that this worker may pass.
local gate_at

-- rearm sets when a gate is looked at next, if anybody is parked behind it.
local function rearm(gate)
  local connector = gate.connector
  if gate.is_spent then write_bucket(gate) end
  if not gate.is_armed then return end
  if call('EXISTS', parked_key(connector), parked_replays_key(connector)) == 0 then
    call('ZREM', GATES, connector)
    if gate.spaced then clear(gate, 'spaced') end
    return
  end
  local _, at = closed_by(gate, gate.paused_until)
  -- A pause is looked at each second, also where another reason lasts longer: it ends without a word here, and is what
  -- is shown.
  if gate.paused_until and gate.paused_until > now then at = gate.paused_until end
  local is_live = gate.parked > 0
  local wanted = gate.per_second and (is_live and 1 or 1 + tokens_kept(gate))
  if not at and gate.kind == 'ready' and gate.per_second and gate.tokens < wanted - 0.00005 then
    at = math.max(now, gate.counted_at) + math.ceil((wanted - gate.tokens) * 1000 / gate.per_second)
    change(gate, 'rate', int(at))
  elseif not at and gate.kind == 'ready' and not is_live and replay_places(gate) < 1 then
    at = now + REPLAYS_LOOK_MS
  end
  call('ZADD', GATES, int(at or now), connector)
  if at then return end
  local trouble = own_trouble(gate)
  if not trouble then
    gate_at = now
    return
  end
  if trouble ~= '' then change(gate, trouble, int(now + SHOWN_MS)) end
  leave_to_others(gate, trouble)
end
