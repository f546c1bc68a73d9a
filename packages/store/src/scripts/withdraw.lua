-- withdraw takes back a handoff whose sender was told 503 while the answer of `accept` was on its way.
--
-- args: id, idempotency? {connectorId, key}
-- replies: withdrawn (or never there) · kept     the sender came again with its idempotency key, and may have heard that it is accepted
--          too-late, status                       it was begun already
-- `id` may also be of a repeat that was answered 503: once everybody was, the handoff that it stood for is taken back.
-- Twice: the second finds nothing.
--- @include shard
--- @include line

local function take_back(record)
  if record.told then
    write(record, { gone = '1' })
    return { 'kept' }
  end
  if record.st ~= 'queued' or record.total > 0 then return { 'too-late', record.st } end
  leave_line(record)
  for _, key in ipairs({ ':due', ':all', ':q:' .. record.cn, ':w:' .. record.cn, ':of:' .. record.cn, ':k:' .. record.ct }) do
    redis.call('ZREM', P .. key, record.id)
  end
  if record.sh then redis.call('ZREM', P .. ':sh:' .. redis.sha1hex(record.sh), record.id) end
  if record.ik then
    redis.call('ZREM', P .. ':ik:' .. record.ik, record.id)
    redis.call('DEL', idempotency_key(record.cn, record.ik))
  end
  erase(record.id)
  return { 'withdrawn' }
end

local record = load(args.id)
if record then return take_back(record) end

local kept = args.idempotency and redis.call('GET', idempotency_key(args.idempotency.connectorId, args.idempotency.key))
local earlier = kept and load(cjson.decode(kept).id)
if not earlier or not earlier.told then return { 'withdrawn' } end
local from, to = string.find(earlier.told, args.id .. ',', 1, true)
if not from then return { 'withdrawn' } end
write(earlier, { told = string.sub(earlier.told, 1, from - 1) .. string.sub(earlier.told, to + 1) })
if earlier.gone and not earlier.told then return take_back(earlier) end
return { 'withdrawn' }
