-- accept takes one handoff in, whole or not at all.
--
-- args: id, connectorId, contactId, callId?, sharedId?, rq?, rq2?, tp?, accountId, projectId, environment, params, context? (sealed), delayMs,
--       deadlineMs, validUntil, rate|null, maxPending, fenceMs, idempotency? {key, fingerprints, keepMs}
-- replies: late                      after `validUntil`: whoever asked has been told 503 long ago
--          reused                    the idempotency key belongs to another body
--          replayed, record…         the key's handoff, as it is now
--          closed                    the connector is being deleted
--          full, retryAfterMs        the backlog is at its limit
--          no-slot, retryAfterMs     the rate leaves no slot before the deadline
--          accepted, due, deadline, acceptedAt, waitingFor
--          known, id, record, delayMs         the same id was accepted before; nothing changes
-- Twice: the second is `known`.
--- @include shard
--- @include rate
--- @include line
--- @include cause
--- @include dead-letter-index
--- @include ending
--- @include idempotency

if now > args.validUntil then return { 'late' } end

local recalled = args.idempotency and recall(args.connectorId, args.idempotency, args.id)
if recalled then return recalled end

local known = load(args.id)
if known then return { 'known', known.id, snapshot(known), math.max(0, (known.due or now) - now) } end

if redis.call('HEXISTS', connector_key(args.connectorId), 'closed') == 1 then return { 'closed' } end
local backlog = P .. ':q:' .. args.connectorId
if redis.call('ZCARD', backlog) >= args.maxPending then
  local first = redis.call('ZRANGEBYSCORE', P .. ':due', now, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  return { 'full', math.max(1000, (tonumber(first[2]) or now) - now) }
end

local since = now + args.delayMs
local deadline = since + args.deadlineMs
local due, promise = reserve(args.connectorId, args.rate, since, deadline)
if due > deadline then return { 'no-slot', due - deadline } end

local waits
if due > since then waits = 'rate' elseif args.delayMs > 0 then waits = 'delay' end
local record = { id = args.id, cn = args.connectorId, ct = args.contactId }
write(record, { v = SCHEMA, cn = args.connectorId, ct = args.contactId, sh = args.sharedId, ac = args.accountId, pj = args.projectId,
  env = args.environment, ca = args.callId, st = 'queued', wf = waits, gen = 1, acc = now, since = since, due = due, dl = deadline,
  dms = args.deadlineMs, seq = redis.call('INCR', P .. ':seq'), res = promise, ik = args.idempotency and args.idempotency.key, rq = args.rq, rq2 = args.rq2, tp = args.tp })
redis.call('SET', params_key(args.id), args.params)
if args.context then redis.call('SET', context_key(args.id), args.context) end

join_line(record)
redis.call('ZADD', P .. ':due', due, args.id)
redis.call('ZADD', backlog, since, args.id)
redis.call('ZADD', P .. ':all', now, args.id)
redis.call('ZADD', P .. ':of:' .. args.connectorId, now, args.id)
redis.call('ZADD', P .. ':k:' .. args.contactId, now, args.id)
if args.sharedId then redis.call('ZADD', P .. ':sh:' .. redis.sha1hex(args.sharedId), now, args.id) end
-- A call knows who named it last, for as long as it is kept itself.
local call = args.callId and P .. ':call:' .. args.callId
if call and redis.call('EXISTS', call) == 1 then redis.call('HSET', call, 'handoff', args.id) end
if args.idempotency then
  local fingerprint = args.idempotency.fingerprints[1]
  local entry = cjson.encode({ id = args.id, fingerprint = fingerprint })
  redis.call('SET', idempotency_key(args.connectorId, args.idempotency.key), entry, 'PX', args.idempotency.keepMs)
  redis.call('ZADD', P .. ':ik:' .. args.idempotency.key, now, args.id)
  -- Its key must stay on the ring for as long as a repeat is compared with it.
  redis.call('ZADD', P .. ':fingerprints', 'GT', now + args.idempotency.keepMs, string.match(fingerprint, '^[^.]*'))
end
return { 'accepted', due, deadline, now, waits or '' }
