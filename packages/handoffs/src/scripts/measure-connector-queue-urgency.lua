-- measure-connector-queue-urgency returns how urgent the queued handoffs of some connectors are, and what they wait
-- for. It reads so little of each that a million queued handoffs cost what a hundred do.
--
-- args:      connectors, list of {id, perSecond?, burst?,
--            pausedUntil? (of the connector, or of everything), isOpenEnded (the pause has no end)}
-- replies:   for each:
--            connectorId, due (could be sent now, and wait only for a worker), willMiss,
--            the most urgent one ('' where nothing is queued): id, deadline, used share of its time (0 to 1),
--              what it waits for ('' for nothing)
--            list of reason and how many wait for it, …
-- Run again: reads only.
--- @include reason-to-wait
local args = cjson.decode(ARGV[1])

-- How many handoffs are read one by one, where only that shows how many are behind another of their contact or wait for
-- a key: the rest are assumed to be like them. How many deadlines are read where more are queued: the number of misses
-- is then exact to 3 %.
local SAMPLE_SIZE, MAX_DEADLINES = 50, 32

-- are_all_due_jobs_claimed returns whether a worker has every job that waits or is due: due handoffs that are not
-- parked are then in their contact's queue.
local function are_all_due_jobs_claimed()
  if call('LLEN', WAIT) > 0 then return false end
  local first = call('ZRANGE', DELAYED, 0, 0, 'WITHSCORES')[2]
  return not first or first / SCORE_PER_MS > now
end

local function is_behind_another_of_contact(connector, id)
  local contact = call('HGET', handoff_key(id), 'ct')
  return contact and call('ZRANGE', contact_key({ cn = connector, ct = contact }), 0, 0)[1] ~= id
end

-- count_behind_others_of_contact counts those of `count` due handoffs of a list that are behind another of their
-- contact.
local function count_behind_others_of_contact(connector, queue, parked, count)
  local unparked = count - call('ZCARD', parked)
  if unparked <= 0 then return 0 end
  if are_all_due_jobs_claimed() then return unparked end
  local ids, behind = call('ZRANGEBYSCORE', queue, '-inf', NOW, 'LIMIT', 0, SAMPLE_SIZE), 0
  for _, id in ipairs(ids) do
    if is_behind_another_of_contact(connector, id) then behind = behind + 1 end
  end
  return #ids == 0 and 0 or math.min(unparked, math.floor(behind / #ids * count + 0.5))
end

-- count_waiting_for_sealing_key counts, of so many retries in a list, those that wait for the key of their parameters.
local function count_waiting_for_sealing_key(connector, list, retries)
  local until_at = tonumber(call('HGET', connector_key(connector), 'lacking') or nil) or 0
  if until_at <= now then return 0 end
  local ids, key_waits = call('ZRANGEBYSCORE', list, '(' .. NOW, '+inf', 'LIMIT', 0, SAMPLE_SIZE), 0
  for _, id in ipairs(ids) do
    if call('HGET', handoff_key(id), 'wk') == 'keys' then key_waits = key_waits + 1 end
  end
  return math.floor(key_waits / #ids * retries + 0.5)
end

-- count_not_yet_due counts those of a list that are due later, and adds what they wait for.
local function count_not_yet_due(connector, list, waits)
  local retries = call('ZCOUNT', list, '(' .. NOW, '+inf')
  if retries == 0 then return 0 end
  local key_waits = count_waiting_for_sealing_key(connector, list, retries)
  waits.keys = (waits.keys or 0) + key_waits
  waits.retry = (waits.retry or 0) + retries - key_waits
  return retries
end

-- count_due_live counts due live handoffs, without retries and delays, which have a due moment of their own, and
-- without those past their deadline.
local function count_due_live(connector, waits)
  local live = call('ZCARD', deadlines_key(connector))
  if live == 0 then return 0 end
  live = live - call('ZCOUNT', deadlines_key(connector), '-inf', '(' .. NOW)
  local retries = count_not_yet_due(connector, retries_key(connector), waits)
  waits.delay = call('ZCOUNT', queued_key(connector), '(' .. NOW, '+inf')
  return math.max(0, live - retries - waits.delay)
end

-- count_due_replays counts due items of runs.
local function count_due_replays(connector, waits)
  local list = queued_replays_key(connector)
  local count = call('ZCARD', list)
  return count == 0 and 0 or count - count_not_yet_due(connector, list, waits)
end

-- count_allowed_by_gate returns how many handoffs a gate allows now, and what the others wait for.
local function count_allowed_by_gate(gate, connector)
  if is_awaiting_probe(gate) then return 1, gate.breaker and 'breaker' or 'throttle' end
  return connector.perSecond and math.floor(gate.tokens + 0.00005) or math.huge, 'rate'
end

-- count_due_and_waiting returns how many are due, and how many wait for which reason.
local function count_due_and_waiting(connector, gate, reason)
  local waits = {}
  local id = connector.id
  local live, replays = count_due_live(id, waits), count_due_replays(id, waits)
  if reason then
    waits[reason] = live + replays
    return 0, waits
  end
  waits.order = count_behind_others_of_contact(id, queued_key(id), parked_key(id), live)
    + count_behind_others_of_contact(id, queued_replays_key(id), parked_replays_key(id), replays)
  local free = live + replays - waits.order
  local most, why = count_allowed_by_gate(gate, connector)
  local due = math.min(free, most)
  waits[why] = free - due
  local shown = call('HMGET', connector_key(id), 'share', 'keys')
  if (tonumber(shown[2]) or 0) > now then
    waits.keys = (waits.keys or 0) + due
    return 0, waits
  end
  if (tonumber(shown[1]) or 0) > now then waits.share = due end
  return due, waits
end

-- count_deadline_misses returns how many handoffs the gate and the rate will not send before their deadline: the
-- largest excess, at any deadline, of handoffs until then over slots until then.
local function count_deadline_misses(connector, gate, reopens)
  local key = deadlines_key(connector.id)
  local first = call('ZCOUNT', key, '-inf', '(' .. NOW)
  local count, start = call('ZCARD', key) - first, math.max(now, reopens or 0)
  if count <= 0 then return 0 end
  if not connector.perSecond then return reopens and call('ZCOUNT', key, NOW, '(' .. format_int(start)) or 0 end
  local tokens, most, step = reopens and 0 or gate.tokens, 0, math.ceil(count / MAX_DEADLINES)
  for position = math.min(step, count), count, step do
    local deadline = tonumber(call('ZRANGE', key, first + position - 1, first + position - 1, 'WITHSCORES')[2])
    local slots = deadline < start and 0 or math.floor(tokens + (deadline - start) * connector.perSecond / 1000)
    most = math.max(most, position - slots)
    -- Deadlines rise, and slots with them: from here on there is one for all that are left.
    if count - slots <= most then break end
  end
  return most
end

local function find_most_urgent_handoff(connector, reason)
  local id = call('ZRANGEBYSCORE', deadlines_key(connector.id), NOW, '+inf', 'LIMIT', 0, 1)[1]
  local record = id and find_record(id)
  if not record then return { '', '', '', '' } end
  local began = first_due_at_of_handoff(record)
  local used = math.min(1, math.max(0, (now - began) / math.max(1, record.dl - began)))
  local waits_for = record.due > now and reason_to_wait(record) or reason or reason_to_wait(record)
  return { id, format_int(record.dl), format('%.4f', used), waits_for or '' }
end

local rows = {}
for i, connector in ipairs(args.connectors) do
  local gate = gate_of_connector(connector.id)
  if connector.perSecond then refill_rate_bucket(gate, connector.perSecond, connector.burst) end
  local reason = gate_closed_by(gate, connector.isOpenEnded and math.huge or connector.pausedUntil)
  local _, reopens = gate_closed_by(gate, not connector.isOpenEnded and connector.pausedUntil or nil)
  local due, waits = count_due_and_waiting(connector, gate, reason)
  local flat = {}
  for name, count in pairs(waits) do
    if count > 0 then
      flat[#flat + 1] = name
      flat[#flat + 1] = count
    end
  end
  local row = { connector.id, due, count_deadline_misses(connector, gate, reopens),
    unpack(find_most_urgent_handoff(connector, reason)) }
  row[#row + 1] = flat
  rows[i] = row
end
return rows
