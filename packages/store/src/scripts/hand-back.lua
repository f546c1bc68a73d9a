-- hand-back takes an attempt back of which nothing left, as if it had never begun: its number and its part of the budget are free again.
--
-- args: id, nonce, waitMs
-- replies: stale                     not this one's any more
--          queued, delayMs           to be taken again then; past its deadline, whoever takes it ends it
-- Twice with the same nonce: the same answer, nothing taken back twice.
--- @include shard
--- @include breaker

local record = load(args.id)
if not record then return { 'stale' } end
if record.settled == args.nonce and record.st == 'queued' then return { 'queued', math.max(0, record.due - now) } end
if record.st ~= 'sending' or record.nonce ~= args.nonce then return { 'stale' } end

local due = math.min(now + args.waitMs, record.dl + 1)
abandon_probe(record.cn, args.nonce)
-- The slot of the rate is gone by then, and asked for anew.
write(record, { st = 'queued', settled = args.nonce, nonce = '', wf = 'retry', due = due, used = record.used - 1, total = record.total - 1 })
redis.call('ZREM', P .. ':sending', record.id)
redis.call('ZADD', P .. ':q:' .. record.cn, record.since, record.id)
redis.call('ZADD', P .. ':due', due, record.id)
return { 'queued', due - now }
