-- replay puts a dead letter back in line, with a fresh deadline, attempt budget and generation.
--
-- args: id, deadlineMs?, force, rate|null, maxPending, validUntil, fenceMs
-- replies: late · not-found · not-dead · closed (its connector is being deleted) · may-duplicate · full, retryAfterMs · no-slot, retryAfterMs
--          replayed, record, delayMs, generation
-- Twice: exactly one of two replays wins; the other says not-dead.
--- @include shard
--- @include rate
--- @include line
--- @include cause
--- @include dead-letter-index
--- @include ending

if now > args.validUntil then return { 'late' } end
local record = load(args.id)
if not record then return { 'not-found' } end
expire(record, args.fenceMs)
if record.st ~= 'dead' then return { 'not-dead' } end
if redis.call('HEXISTS', connector_key(record.cn), 'closed') == 1 then return { 'closed' } end
if record.may == '1' and not args.force then return { 'may-duplicate' } end
if redis.call('ZCARD', P .. ':q:' .. record.cn) >= args.maxPending then return { 'full', 1000 } end

local deadline = now + (args.deadlineMs or tonumber(record.dms))
local due, promise = reserve(record.cn, args.rate, now, deadline)
if due > deadline then return { 'no-slot', due - deadline } end

unindex_dead(record)
file_letter(record)
write(record, { st = 'queued', why = '', cause = '', ['end'] = '', wf = due > now and 'rate' or '', gen = record.gen + 1, since = now, due = due,
  dl = deadline, used = 0, rep = record.rep + 1, was = record.total, res = promise, seq = redis.call('INCR', P .. ':seq') })
join_line(record)
redis.call('ZADD', P .. ':due', due, args.id)
redis.call('ZADD', P .. ':q:' .. record.cn, record.since, args.id)
return { 'replayed', snapshot(record), due - now, record.gen }
