-- withdraw takes back a handoff whose sender was told 503 while the answer of `accept` was on its way.
--
-- args: id
-- replies: withdrawn (or never there) · kept     the sender came again with its idempotency key, and heard that it is accepted
--          too-late, status                       it was begun already
-- Twice: the second finds nothing.
--- @include shard
--- @include line

local record = load(args.id)
if not record then return { 'withdrawn' } end
if record.told then return { 'kept' } end
if record.st ~= 'queued' or record.total > 0 then return { 'too-late', record.st } end

leave_line(record)
for _, key in ipairs({ ':due', ':all', ':q:' .. record.cn, ':w:' .. record.cn, ':of:' .. record.cn, ':k:' .. record.ct }) do
  redis.call('ZREM', P .. key, args.id)
end
if record.sh then redis.call('ZREM', P .. ':sh:' .. redis.sha1hex(record.sh), args.id) end
if record.ik then
  redis.call('ZREM', P .. ':ik:' .. record.ik, args.id)
  redis.call('DEL', P .. ':idem:' .. record.cn .. ':' .. record.ik)
end
redis.call('DEL', handoff_key(args.id))
return { 'withdrawn' }
