#!lua
-- accept stores handoffs, each whole or not at all; one that is refused does not affect the others. It creates no jobs:
-- that is `place`. It fails on a Redis that is full.
--
-- ARGV:      fenceMs, then for each handoff ('' for none):
--            id, connectorId, contactId, callId, sharedId, accountId, projectId, environment,
--            rq, sealedParams, sealedContext, tp, delayMs, deadlineMs, commandDeadline,
--            ratePerSecond, burst, maxPending, idempotencyKey (a digest), keepMs,
--            fingerprints (separated by commas), pausedUntil, rq2
-- replies:   for each:
--            accepted, dueAt, deadlineAt, acceptedAt, waitingFor
--            known, id, record      the same id was accepted before; nothing changes
--            repeated, id, record   the idempotency key's handoff, as it is now
--            reused, keyId          the idempotency key belongs to a body whose fingerprint is another; which key of
--                                   the ring made it
--            late                   it came after `commandDeadline`; its caller was answered 503 before
--            closed                 the connector is being deleted
--            full, retryAfterMs     the backlog is at its limit
--            no-slot, retryAfterMs, why  gate and rate leave no slot at least MARGIN_MS before its deadline,
--                                   or before that of an accepted handoff; why: rate, or what closes the gate
--            failed, message
-- Run again: replies known.
--- @include estimate-new-handoff-lateness
--- @include idempotency-keys

local FIELDS = 23
local FENCE_MS = tonumber(ARGV[1])

-- Handoffs and contact queues that this script wrote, and whether any of its handoffs or queues existed before it: one
-- EXISTS for all.
local written, any_existed = {}, false
local function may_key_exist(key) return any_existed or written[key] end

local function write_idempotency_key(handoff)
  local fingerprint = string.match(handoff.fingerprints, '^[^,]*')
  local entry = cjson.encode({ id = handoff.id, fingerprint = fingerprint })
  call('SET', idempotency_key(handoff.cn, handoff.key), entry, 'PX', handoff.keep_ms)
  gather_write('ZADD', P .. ':ik:' .. handoff.key, NOW, handoff.id)
  -- The key that made the fingerprint must stay on the ring for as long as a repeat is compared with it.
  call('HSET', P .. ':meta', 'fingerprint:' .. string.match(fingerprint, '^[^.]*'), format_int(now + handoff.keep_ms))
end

local function append_non_empty_field(fields, name, value)
  if value == '' then return end
  fields[#fields + 1] = name
  fields[#fields + 1] = value
end

-- write_indexes adds a handoff to the lists that find it.
local function write_indexes(handoff, due, deadline)
  local id, at = handoff.id, NOW
  gather_write('ZADD', DUE, due, id)
  gather_write('ZADD', queued_key(handoff.cn), due, id)
  gather_write('ZADD', deadlines_key(handoff.cn), deadline, id)
  gather_write('ZADD', P .. ':all', at, id)
  gather_write('ZADD', P .. ':of:' .. handoff.cn, at, id)
  gather_write('ZADD', P .. ':k:' .. handoff.ct, at, id)
  if handoff.sh ~= '' then gather_write('ZADD', P .. ':sh:' .. redis.sha1hex(handoff.sh), at, id) end
  if handoff.key ~= '' then write_idempotency_key(handoff) end
end

-- write_handoff stores the record and its indexes.
local function write_handoff(handoff, ls, due, deadline)
  -- What claim and settle read comes first: Redis searches a small hash from its beginning.
  local fields = { 'v', SCHEMA, 'st', 'queued', 'gen', '1', 'due', due, 'dl', deadline, 'ls', ls, 'cn', handoff.cn,
    'ct', handoff.ct }
  append_non_empty_field(fields, 'rq', handoff.rq)
  append_non_empty_field(fields, 'rq2', handoff.rq2)
  append_non_empty_field(fields, 'tp', handoff.tp)
  append_non_empty_field(fields, 'acc', NOW)
  append_non_empty_field(fields, 'dms', handoff.deadline_ms)
  append_non_empty_field(fields, 'ac', handoff.ac)
  append_non_empty_field(fields, 'pj', handoff.pj)
  append_non_empty_field(fields, 'env', handoff.env)
  append_non_empty_field(fields, 'sh', handoff.sh)
  append_non_empty_field(fields, 'ca', handoff.ca)
  append_non_empty_field(fields, 'ik', handoff.key)
  call('HSET', handoff_key(handoff.id), unpack(fields))
  gather_write('MSET', '', params_key(handoff.id), handoff.sealed_params)
  if handoff.sealed_context ~= '' then gather_write('MSET', '', context_key(handoff.id), handoff.sealed_context) end
  call('ZADD', contact_key(handoff), ls, handoff.id)
  write_indexes(handoff, due, deadline)
  -- A registered call begins with the id of the handoff that named it last (registered-call-store.ts).
  local registered = handoff.ca ~= '' and P .. ':call:' .. handoff.ca
  if registered and call('EXISTS', registered) == 1 then call('SETRANGE', registered, '0', handoff.id) end
  written[handoff_key(handoff.id)], written[contact_key(handoff)] = true, true
end

local function reason_to_wait_at_acceptance(handoff, gate, is_alone)
  if handoff.delay_ms > 0 then return 'delay' end
  local reason = gate_closed_by(gate, gate.pause)
  if reason or is_alone then return reason or '' end
  return call('ZRANGE', contact_key(handoff), '0', '0')[1] ~= handoff.id and 'order' or ''
end

local function accept_handoff(handoff, i)
  if now > handoff.command_deadline then return { 'late' } end
  local repeated = handoff.key ~= ''
    and find_by_idempotency_key(handoff.cn, handoff.key, handoff.fingerprints, handoff.id, FENCE_MS)
  if repeated then return repeated end
  if may_key_exist(handoff_key(handoff.id)) and call('EXISTS', handoff_key(handoff.id)) == 1 then
    return { 'known', handoff.id, list_public_fields(find_record_or_fail(handoff.id)) }
  end

  local gate = gate_of_connector(handoff.cn)
  if gate.is_deleted then return { 'closed' } end
  gate.queued = gate.queued or call('ZCARD', queued_key(handoff.cn))
  if gate.queued + #gate.accepted >= handoff.max_pending then
    local first = call('ZRANGEBYSCORE', DUE, NOW, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
    return { 'full', format_int(math.max(1000, (tonumber(first[2]) or now) - now)) }
  end
  local delay_ms = handoff.delay_ms
  local due = now + delay_ms
  local deadline = due + handoff.deadline_ms
  local newcomer = { due = due, deadline = deadline }
  local late_ms, why = estimate_lateness(gate, handoff.rate, newcomer, handoff.paused_until)
  if late_ms > 0 then return { 'no-slot', format_int(late_ms), why } end
  count_accepted_in_estimate(gate, newcomer)
  local due_at, deadline_at, is_alone = format_int(due), format_int(deadline), not may_key_exist(contact_key(handoff))
  write_handoff(handoff, format_int(now_us + i - 1 + delay_ms * 1000), due_at, deadline_at)
  return { 'accepted', due_at, deadline_at, NOW, reason_to_wait_at_acceptance(handoff, gate, is_alone) }
end

local handoffs, keys = {}, {}
for a = 1, #ARGV - FIELDS, FIELDS do
  local handoff = { id = ARGV[a + 1], cn = ARGV[a + 2], ct = ARGV[a + 3], ca = ARGV[a + 4], sh = ARGV[a + 5],
    ac = ARGV[a + 6], pj = ARGV[a + 7], env = ARGV[a + 8], rq = ARGV[a + 9], sealed_params = ARGV[a + 10],
    sealed_context = ARGV[a + 11], tp = ARGV[a + 12], delay_ms = tonumber(ARGV[a + 13]),
    deadline_ms = ARGV[a + 14], command_deadline = tonumber(ARGV[a + 15]),
    rate = ARGV[a + 16] ~= '' and { per_second = tonumber(ARGV[a + 16]), burst = tonumber(ARGV[a + 17]) },
    max_pending = tonumber(ARGV[a + 18]), key = ARGV[a + 19], keep_ms = tonumber(ARGV[a + 20]),
    fingerprints = ARGV[a + 21], paused_until = tonumber(ARGV[a + 22]), rq2 = ARGV[a + 23] }
  handoffs[#handoffs + 1] = handoff
  keys[#keys + 1] = handoff_key(handoff.id)
  keys[#keys + 1] = contact_key(handoff)
end
any_existed = #keys > 0 and call('EXISTS', unpack(keys)) > 0

local replies = {}
for i, handoff in ipairs(handoffs) do
  local count = #faults
  replies[i] = run_or_record_fault(handoff.id, accept_handoff, handoff, i) or { 'failed', faults[count + 1] }
end
local accepted = 0
for connector, gate in pairs(gates) do
  accepted = accepted + #gate.accepted
  if #gate.accepted > 0 then run_or_record_fault(connector, add_to_minute_count, connector, 'a', #gate.accepted) end
end
if accepted > 0 then run_or_record_fault('*', add_to_minute_count, '*', 'a', accepted) end
flush_gathered_writes()
wake_workers_by_marker()
return replies
