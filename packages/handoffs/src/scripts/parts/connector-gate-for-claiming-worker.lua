-- A connector's gate for one worker: the state that all workers share (connector-gate.lua), and what this worker knows
-- and has. A part of claim.lua, whose arguments it uses.

-- When a worker checks a gate again that it left to the others, unless something makes it check earlier: at the
-- next claim of a worker that has nothing to do (BLOCK_MS of the claim loop). Milliseconds.
local LEFT_TO_OTHERS_MS = 900
-- For how long `share` and `keys` are shown after a worker met them. Milliseconds.
local SHOWN_MS = 2000

-- Connectors whose destination this worker must find.
local missing_destinations, is_requested = {}, {}
local function report_missing_destination(connector)
  if is_requested[connector] then return end
  is_requested[connector] = true
  missing_destinations[#missing_destinations + 1] = connector
end

-- update_gate_pause applies the pause that this worker knows of. When the pause is over, the bucket is empty.
local function update_gate_pause(gate)
  if IS_EVERYTHING_PAUSED then gate.paused_until = math.huge end
  if gate.paused_until and gate.paused_until > now then
    gate.paused_until = math.min(gate.paused_until, now + PAUSE_CHECK_MS)
    change_gate_field(gate, 'pause', format_int(now + 2 * PAUSE_CHECK_MS))
  elseif gate.pause then
    gate.pause, gate.paused_until = nil, nil
    clear_gate_field(gate, 'pause')
    empty_reopened_rate_bucket(gate)
  end
end

-- must_end_as_refused returns whether handoffs die of refused keys. They do not while the connector is paused: a pause
-- is the time to repair that.
local function must_end_as_refused(gate)
  return gate.kind == 'refused' and not (gate.paused_until and gate.paused_until > now)
end

-- update_gate_token closes the gate while no worker has a token. It requests the destination where only this worker has
-- none.
local function update_gate_token(gate)
  if gate.kind == 'ready' then
    if gate.token then clear_gate_field(gate, 'token') end
    if gate.emptied then
      empty_reopened_rate_bucket(gate)
      clear_gate_field(gate, 'emptied')
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
    if gate.token then clear_gate_field(gate, 'token') end
    gate.token = nil
    report_missing_destination(gate.connector)
    return
  end
  gate.token = waits_until
  change_gate_field(gate, 'token', format_int(waits_until))
  if retry_at > now then change_gate_field(gate, 'emptied', '1') end
end

local gates_read = {}
-- read_gate_for_worker reads a connector's gate for this worker, once in a script.
local function read_gate_for_worker(connector)
  local gate = gate_of_connector(connector)
  if gate.is_read then return gate end
  gate.is_read = true
  gates_read[#gates_read + 1] = gate
  prefetch_known_destinations({ connector })
  read_known_destination(gate)
  update_gate_pause(gate)
  if gate.kind ~= 'refused' then update_gate_token(gate) end
  gate.free = free_slots[connector] or LIMIT
  -- A connector with parked handoffs always has a next check.
  gate.is_scheduled = scheduled_at[connector] or scheduled_here[connector] or false
  gate.parked = gate.is_scheduled and call('ZCARD', parked_key(connector)) or 0
  if gate.spaced and not gate.per_second and gate.kind == 'ready' then
    if gate.parked > 0 then gate.per_second, gate.burst = 1000 / SPACED_MS, 1 else clear_gate_field(gate, 'spaced') end
  end
  if gate.per_second then refill_rate_bucket(gate, gate.per_second, gate.burst) end
  return gate
end

-- count_startable_handoffs returns how many of a connector's handoffs this worker may begin now.
local function count_startable_handoffs(gate)
  if gate.kind ~= 'ready' or gate_closed_by(gate, gate.paused_until) then return 0 end
  local most = math.min(gate.free, gate.per_second and math.floor(gate.tokens + 0.00005) or gate.free)
  return is_awaiting_probe(gate) and math.min(1, most) or most
end

-- Reserved for live handoffs when items of runs begin: half of the bucket, or a token for each that falls due before
-- the bucket is full again, if that is more; and half of a connector's limit at this worker.
local function tokens_reserved_for_live(gate)
  if not gate.reserved then
    local from, to = '(' .. NOW, format_int(now + math.ceil(gate.burst * 1000 / gate.per_second))
    local due = call('ZCOUNT', queued_key(gate.connector), from, to)
      + call('ZCOUNT', retries_key(gate.connector), from, to)
    gate.reserved = math.max(math.floor(gate.burst / 2), math.min(gate.burst, due))
  end
  return gate.reserved
end
local RESERVED_SLOTS = math.floor(LIMIT / 2)

-- count_startable_replays is count_startable_handoffs for items of runs.
local function count_startable_replays(gate)
  local most = math.min(count_startable_handoffs(gate), gate.free - RESERVED_SLOTS, replay_slots)
  if gate.per_second then most = math.min(most, math.floor(gate.tokens + 0.00005 - tokens_reserved_for_live(gate))) end
  return most
end

-- When a gate is checked again where only the reserve for live handoffs keeps items of runs waiting. Milliseconds.
local REPLAYS_CHECK_MS = 50

-- left_to_others_until_field returns the field of this worker's table that says until when it leaves a gate to the
-- others for a reason, and wakes none of them for it.
local function left_to_others_until_field(reason, connector) return reason .. ' ' .. connector end

-- leave_gate_to_other_workers leaves a gate to the other workers which only this one cannot pass, and wakes one of
-- them: where this claim parked a handoff, and else once in a while. A missing destination ('') is different: it may be
-- missing for all, so this worker goes on checking.
local function leave_gate_to_other_workers(gate, reason)
  local field = left_to_others_until_field(reason, gate.connector)
  if not gate.has_newly_parked and (tonumber(call('HGET', TABLE, field) or nil) or 0) > now then return end
  call('HSET', TABLE, field, format_int(now + LEFT_TO_OTHERS_MS))
  call('PEXPIRE', TABLE, TABLE_KEPT_MS)
  wake_worker_at(now)
end

-- worker_waiting_reason returns why only this worker cannot pass an open gate: share, keys, or '' for a reason that is
-- not shown.
local function worker_waiting_reason(gate)
  if gate.kind == 'ready' and gate.free < 1 then return 'share' end
  if gate.kind == 'keys' then return 'keys' end
  return (not gate.kind or gate.has_other_version) and ''
end

-- When the next gate is due that this worker may pass.
local next_gate_at

-- schedule_next_gate_check sets when a gate is checked next, if handoffs are parked.
local function schedule_next_gate_check(gate)
  local connector = gate.connector
  if gate.is_spent then write_rate_bucket(gate) end
  if not gate.is_scheduled then return end
  if call('EXISTS', parked_key(connector), parked_replays_key(connector)) == 0 then
    call('ZREM', GATES, connector)
    if gate.spaced then clear_gate_field(gate, 'spaced') end
    return
  end
  local _, at = gate_closed_by(gate, gate.paused_until)
  -- A pause is checked each second, also where another reason lasts longer: it ends without a change in this shard, and
  -- it is the reason that is shown.
  if gate.paused_until and gate.paused_until > now then at = gate.paused_until end
  local is_live = gate.parked > 0
  local wanted = gate.per_second and (is_live and 1 or math.min(gate.burst, 1 + tokens_reserved_for_live(gate)))
  if not at and gate.kind == 'ready' and gate.per_second and gate.tokens < wanted - 0.00005 then
    at = math.max(now, gate.counted_at) + math.ceil((wanted - gate.tokens) * 1000 / gate.per_second)
    change_gate_field(gate, 'rate', format_int(at))
  elseif not at and gate.kind == 'ready' and not is_live and count_startable_replays(gate) < 1 then
    at = now + REPLAYS_CHECK_MS
  end
  call('ZADD', GATES, format_int(at or now), connector)
  if at then return end
  local reason = worker_waiting_reason(gate)
  if not reason then
    next_gate_at = now
    return
  end
  if reason ~= '' then change_gate_field(gate, reason, format_int(now + SHOWN_MS)) end
  leave_gate_to_other_workers(gate, reason)
end
