#!lua flags=allow-oom
-- withdraw takes back a handoff whose sender was told 503 while the answer of `accept` was on its way.
--
-- args: id, idempotency? {connectorId, key} replies: withdrawn (or never there) · kept     the sender came again with
-- its idempotency key, and may have heard that it is accepted
--          too-late, status                       it was begun already
-- `id` may also be of a repeat that was answered 503: once everybody was, the handoff that it stood for is taken back.
-- Twice: the second finds nothing.
--- @include shard
--- @include jobs
--- @include gate
--- @include contact-queue
local args = cjson.decode(ARGV[1])

local function take_back(record)
  if record.acknowledged then
    set(record, 'withdrawalRequested', '1')
    return { 'kept' }
  end
  -- One that died and was replayed by a run is that operator's, not this sender's.
  if record.st ~= 'queued' or record.total > 0 or record.rp then return { 'too-late', record.st } end
  remove_job(job_of(record))
  for _, key in ipairs({ DUE, P .. ':all', queued_key(record.cn), deadlines_key(record.cn), parking_of(record), P .. ':of:' .. record.cn,
    P .. ':k:' .. record.ct }) do
    call('ZREM', key, record.id)
  end
  leave_contact_queue(record)
  if record.sh then call('ZREM', P .. ':sh:' .. redis.sha1hex(record.sh), record.id) end
  if record.ik then
    call('ZREM', P .. ':ik:' .. record.ik, record.id)
    call('DEL', idempotency_key(record.cn, record.ik))
  end
  erase(record.id)
  return { 'withdrawn' }
end

local function withdraw()
  local record = load(args.id)
  if record then return take_back(record) end
  local kept = args.idempotency and call('GET', idempotency_key(args.idempotency.connectorId, args.idempotency.key))
  local earlier = kept and load(cjson.decode(kept).id)
  if not earlier or not earlier.acknowledged then return { 'withdrawn' } end
  local from, to = string.find(earlier.acknowledged, mark_of(args.id) .. ',', 1, true)
  if not from then return { 'withdrawn' } end
  set(earlier, 'acknowledged', string.sub(earlier.acknowledged, 1, from - 1) .. string.sub(earlier.acknowledged, to + 1))
  if earlier.withdrawalRequested and not earlier.acknowledged then return take_back(earlier) end
  return { 'withdrawn' }
end

local reply = withdraw()
flush()
set_marker()
return reply
