#!lua flags=allow-oom
-- withdraw-unacknowledged-handoff deletes a handoff whose caller was answered 503 before the reply of `accept` came.
--
-- args:      id, idempotency? {connectorId, key}
-- replies:   withdrawn (or it never existed)
--            kept                   a repeat with its idempotency key may have been answered 202
--            too-late, status       an attempt began already
--            `id` may also be a repeat's that was answered 503. Once every request with the key was, their handoff is
--            withdrawn.
-- Run again: finds nothing.
--- @include contact-queue
local args = cjson.decode(ARGV[1])

local function withdraw_handoff_record(record)
  if record.acknowledged then
    set_record_fields(record, 'withdrawalRequested', '1')
    return { 'kept' }
  end
  -- A dead letter that a run replayed belongs to the operator's run.
  if record.st ~= 'queued' or record.total > 0 or record.rp then return { 'too-late', record.st } end
  remove_job(job_id_of(record))
  local keys = { DUE, P .. ':all', queued_key(record.cn), deadlines_key(record.cn), parked_key_of_handoff(record),
    P .. ':of:' .. record.cn, P .. ':k:' .. record.ct }
  for _, key in ipairs(keys) do call('ZREM', key, record.id) end
  leave_contact_queue(record)
  if record.sh then call('ZREM', P .. ':sh:' .. redis.sha1hex(record.sh), record.id) end
  if record.ik then
    call('ZREM', P .. ':ik:' .. record.ik, record.id)
    call('DEL', idempotency_key(record.cn, record.ik))
  end
  delete_handoff_keys(record.id)
  return { 'withdrawn' }
end

local function withdraw_by_request_id()
  local record = find_record_or_fail(args.id)
  if record then return withdraw_handoff_record(record) end
  local kept = args.idempotency and call('GET', idempotency_key(args.idempotency.connectorId, args.idempotency.key))
  local earlier = kept and find_record_or_fail(cjson.decode(kept).id)
  if not earlier or not earlier.acknowledged then return { 'withdrawn' } end
  local from, to = string.find(earlier.acknowledged, shorten_id(args.id) .. ',', 1, true)
  if not from then return { 'withdrawn' } end
  local others = string.sub(earlier.acknowledged, 1, from - 1) .. string.sub(earlier.acknowledged, to + 1)
  set_record_fields(earlier, 'acknowledged', others)
  if earlier.withdrawalRequested and not earlier.acknowledged then return withdraw_handoff_record(earlier) end
  return { 'withdrawn' }
end

local reply = withdraw_by_request_id()
flush_gathered_writes()
wake_workers_by_marker()
return reply
