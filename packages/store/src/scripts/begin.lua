-- begin decides in one round trip what a taken job may do now, and puts an attempt on record before its request leaves.
--
-- args: id, generation, nonce, stopped, paused, rate|null, maxAttempts, attemptTimeoutMs, atMostOnce, backoff {baseMs, capMs}, chance, fenceMs,
--       unable? {kind: token|share, at} or {kind: refused, reason: credentials|configuration, detail, httpStatus?}
-- replies: drop                                               nothing to do: gone, ended, or another generation's
--          newer                                              written by a newer Baton
--          wait, waitMs, waitingFor                           look again then; not begun
--          ended, record, wake                                it died here; see the record
--          sending, startedAt, until, used, total, deadline, since, contactId, params, rq, rq2, tp
-- Twice with the same nonce: the same `sending`. A live attempt of another nonce is waited for, never doubled.
--- @include shard
--- @include rate
--- @include line
--- @include cause
--- @include dead-letter-index
--- @include ending
--- @include breaker

-- How soon one who is not first in the line looks again by itself, should the wake-up be lost. Milliseconds.
local LOOK_AGAIN_MS = 500

local record, newer = glance(args.id)
if newer then return { 'newer' } end
if not record then return { 'drop' } end
if record.gen ~= args.generation then return { 'drop' } end

local function sending()
  local sealed = redis.call('GET', params_key(record.id))
  return { 'sending', record.att, record['until'], record.used, record.total, record.dl, record.since, record.ct, sealed, record.rq or '',
    record.rq2 or '', record.tp or '' }
end

local function ended(wake)
  return { 'ended', snapshot(record), wake or '' }
end

local function wait(reason, at)
  write(record, { wf = reason, due = at })
  redis.call('ZADD', P .. ':due', at, record.id)
  return { 'wait', at - now, reason }
end

-- hold keeps a handoff until whoever lifts the condition releases it, or until its deadline.
local function hold(reason, look_at)
  redis.call('ZADD', P .. ':w:' .. record.cn, record.since, record.id)
  look_at_held(record.cn, look_at)
  return wait(reason, record.dl + 1)
end

if record.st == 'sending' then
  if record.nonce == args.nonce then return sending() end
  local fenced_until = record['until'] + args.fenceMs
  if now <= fenced_until then return { 'wait', fenced_until + 1 - now, '' } end
  local ended_at = record['until']
  local died, wake = interrupt(record, args.maxAttempts)
  if died then return ended(wake) end
  -- The next attempt backs off as after any other without an answer (retry-policy.ts); the fence was most of that wait, or all of it.
  local ceiling = math.min(args.backoff.capMs, args.backoff.baseMs * 2 ^ (record.used - 1))
  write(record, { due = math.max(now, ended_at + math.floor(ceiling / 2 * (1 + args.chance))) })
  if record.due > record.dl then return ended(die(record, 'expired')) end
  if record.due > now then return wait('retry', record.due) end
end
if record.st ~= 'queued' then return { 'drop' } end

local over, woken = expire(record, args.fenceMs)
if over then return ended(woken) end
if record.due > now and record.wf ~= 'order' then return { 'wait', record.due - now, record.wf or '' } end
if args.stopped or args.paused then return hold('pause', now + 1000) end

local unable = args.unable or {}
if unable.kind == 'refused' then
  write(record, { wf = '' })
  return ended(die(record, unable.reason, nil, unable))
end
if unable.kind == 'token' then return hold('token', math.min(unable.at, now + 1000)) end
local breaker = breaker_of(record.cn)
local closed_until = breaker_holds(breaker)
if closed_until then return hold('breaker', closed_until) end

local first = head_of_line(record)
if first and first ~= record.id then
  local ahead = glance(first)
  local look = now + LOOK_AGAIN_MS
  if ahead and ahead.st == 'queued' then look = math.max(look, math.min(ahead.due, record.dl + 1)) end
  return wait('order', look)
end
if unable.kind == 'share' then return wait('share', math.min(math.max(unable.at, now + 1), record.dl + 1)) end

local slot, promise
if record.res then slot, promise = promised(record, args.rate) else slot, promise = reserve(record.cn, args.rate, now, record.dl) end
if slot > record.dl then
  write(record, { wf = 'rate' })
  return ended(die(record, 'expired'))
end
if slot > now then
  write(record, { res = promise })
  return wait('rate', slot)
end

local ends = math.min(now + args.attemptTimeoutMs, record.dl)
write(record, { st = 'sending', nonce = args.nonce, settled = '', wf = '', res = '', att = now, ['until'] = ends, used = record.used + 1,
  total = record.total + 1, amo = args.atMostOnce and '1' or '' })
begin_probe(record.cn, breaker, args.nonce, ends)
redis.call('ZREM', P .. ':q:' .. record.cn, record.id)
redis.call('ZREM', P .. ':w:' .. record.cn, record.id)
redis.call('ZADD', P .. ':sending', ends, record.id)
redis.call('ZADD', P .. ':due', ends + args.fenceMs, record.id)
return sending()
