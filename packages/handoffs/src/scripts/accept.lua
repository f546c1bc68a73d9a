#!lua
-- accept takes handoffs in, each whole or not at all; one that is refused fails alone. It gives them no job: that is
-- `place`.
--
-- ARGV: fenceMs, then for each handoff: id, connectorId, contactId, callId, sharedId, accountId, projectId,
-- environment, rq,
--       params (sealed), context (sealed), tp, delayMs, deadlineMs, commandDeadline, ratePerSecond ('' for none), burst, maxPending,
--       isAwaited (1: somebody waits for its end), idempotencyKey (a digest), keepMs, fingerprints (separated by commas), pausedUntil, rq2. '' stands for none
-- replies: for each: late                       after `commandDeadline`: whoever asked has been told 503 long ago
--                    reused                     the idempotency key belongs to another body
--                    repeated, id, record       the key's handoff, as it is now
--                    closed                     the connector is being deleted
--                    full, retryAfterMs         the backlog is at its limit
--                    no-slot, retryAfterMs      its gate and rate leave no slot at least SPARE_MS before the deadline
--                    accepted, dueAt, deadlineAt, acceptedAt, waitingFor
--                    known, id, record          the same id was accepted before; nothing changes
--                    failed, message
-- Twice: the second is `known`. Refuses on a Redis that is full.
--- @include shard
--- @include jobs
--- @include gate
--- @include contact-queue
--- @include waiting
--- @include public-fields
--- @include cause
--- @include dead-letter-index
--- @include ending
--- @include idempotency

local FIELDS = 24
-- What must be left of the time before the deadline for a slot to be promised. Milliseconds. (docs: contract,
-- backlog-full)
local SPARE_MS = 250
local FENCE_MS = tonumber(ARGV[1])

local added = {}

local function keep_key(handoff)
  local fingerprint = string.match(handoff.fingerprints, '^[^,]*')
  local entry = cjson.encode({ id = handoff.id, fingerprint = fingerprint })
  call('SET', idempotency_key(handoff.cn, handoff.key), entry, 'PX', handoff.keep_ms)
  gather('ZADD', P .. ':ik:' .. handoff.key, int(now), handoff.id)
  -- The key that made the fingerprint must stay on the ring for as long as a repeat is compared with it.
  call('ZADD', P .. ':fingerprints', 'GT', int(now + handoff.keep_ms), string.match(fingerprint, '^[^.]*'))
end

-- write puts the record and everything that finds it in place.
local function write(handoff, ls, due, deadline)
  local record = { id = handoff.id, cn = handoff.cn, ct = handoff.ct, ls = ls }
  local fields = { 'v', SCHEMA, 'st', 'queued', 'cn', handoff.cn, 'ct', handoff.ct, 'gen', '1', 'due', int(due), 'dl', int(deadline), 'ls', int(ls),
    'acc', int(now), 'dms', handoff.deadline_ms, 'ac', handoff.ac, 'pj', handoff.pj, 'env', handoff.env }
  local function add(name, value)
    if value == '' then return end
    fields[#fields + 1] = name
    fields[#fields + 1] = value
  end
  add('sh', handoff.sh)
  add('ca', handoff.ca)
  add('rq', handoff.rq)
  add('rq2', handoff.rq2)
  add('tp', handoff.tp)
  add('ik', handoff.key)
  if handoff.is_awaited == '1' then add('wt', '1') end
  call('HSET', handoff_key(handoff.id), unpack(fields))
  call('SET', params_key(handoff.id), handoff.params)
  if handoff.context ~= '' then call('SET', context_key(handoff.id), handoff.context) end
  join_contact_queue(record)
  local at = int(now)
  gather('ZADD', P .. ':due', int(due), handoff.id)
  gather('ZADD', queued_key(handoff.cn), int(due), handoff.id)
  gather('ZADD', deadlines_key(handoff.cn), int(deadline), handoff.id)
  gather('ZADD', P .. ':all', at, handoff.id)
  gather('ZADD', P .. ':of:' .. handoff.cn, at, handoff.id)
  gather('ZADD', P .. ':k:' .. handoff.ct, at, handoff.id)
  if handoff.sh ~= '' then gather('ZADD', P .. ':sh:' .. redis.sha1hex(handoff.sh), at, handoff.id) end
  -- A call knows who named it last, for as long as it is kept itself.
  local registered = handoff.ca ~= '' and P .. ':call:' .. handoff.ca
  if registered and call('EXISTS', registered) == 1 then call('HSET', registered, 'handoff', handoff.id) end
  if handoff.key ~= '' then keep_key(handoff) end
  return record
end

local function waits_for(handoff, gate, record, delay_ms)
  if delay_ms > 0 then return 'delay' end
  local reason = closed_by(gate, gate.pause)
  if reason then return reason end
  return call('ZRANGE', contact_key(record), 0, 0)[1] ~= handoff.id and 'order' or ''
end

local function accept(handoff, i)
  if now > handoff.command_deadline then return { 'late' } end
  local repeated = handoff.key ~= '' and find_by_key(handoff.cn, handoff.key, handoff.fingerprints, handoff.id, FENCE_MS)
  if repeated then return repeated end
  if call('EXISTS', handoff_key(handoff.id)) == 1 then
    return { 'known', handoff.id, public_fields(load(handoff.id)) }
  end

  local gate = gate_of(handoff.cn)
  if gate.is_deleted then return { 'closed' } end
  local more = added[handoff.cn] or 0
  gate.queued = gate.queued or call('ZCARD', queued_key(handoff.cn))
  if gate.queued + more >= handoff.max_pending then
    local first = call('ZRANGEBYSCORE', P .. ':due', int(now), '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
    return { 'full', int(math.max(1000, (tonumber(first[2]) or now) - now)) }
  end
  local delay_ms = tonumber(handoff.delay_ms)
  local due = now + delay_ms
  local deadline = due + tonumber(handoff.deadline_ms)
  local sent_at = estimate(gate, handoff.rate, due, { more = more, paused_until = handoff.paused_until })
  if sent_at > due and sent_at + SPARE_MS > deadline then return { 'no-slot', int(math.ceil(sent_at + SPARE_MS - deadline)) } end
  added[handoff.cn] = more + 1
  local record = write(handoff, now_us + i + delay_ms * 1000, due, deadline)
  return { 'accepted', int(due), int(deadline), int(now), waits_for(handoff, gate, record, delay_ms) }
end

local replies = {}
for i = 0, (#ARGV - 1) / FIELDS - 1 do
  local a = 1 + i * FIELDS
  local handoff = { id = ARGV[a + 1], cn = ARGV[a + 2], ct = ARGV[a + 3], ca = ARGV[a + 4], sh = ARGV[a + 5], ac = ARGV[a + 6], pj = ARGV[a + 7],
    env = ARGV[a + 8], rq = ARGV[a + 9], params = ARGV[a + 10], context = ARGV[a + 11], tp = ARGV[a + 12], delay_ms = ARGV[a + 13], deadline_ms = ARGV[a + 14],
    command_deadline = tonumber(ARGV[a + 15]), rate = ARGV[a + 16] ~= '' and { per_second = tonumber(ARGV[a + 16]), burst = tonumber(ARGV[a + 17]) },
    max_pending = tonumber(ARGV[a + 18]), is_awaited = ARGV[a + 19], key = ARGV[a + 20], keep_ms = tonumber(ARGV[a + 21]),
    fingerprints = ARGV[a + 22], paused_until = tonumber(ARGV[a + 23]), rq2 = ARGV[a + 24] }
  local count = #faults
  replies[i + 1] = each(handoff.id, accept, handoff, i) or { 'failed', faults[count + 1] }
end
flush()
set_marker()
return replies
