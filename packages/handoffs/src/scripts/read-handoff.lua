#!lua flags=allow-oom
-- read-handoff returns a handoff as it is now, by its id or by an idempotency key. A handoff past its deadline reads
-- dead, also when no worker runs. A key is looked up for a request that is refused before it can be accepted.
--
-- args:      fenceMs, and one of
--            id                  with isAwaited? (a request waits for its end, so it is published)
--            idempotency         {connectorId, key (a digest), fingerprints (separated by commas),
--                                newId (the id that the request's handoff would have had)}
-- replies:   none
--            found, id, record
--            repeated, id, record   the idempotency key's handoff
--            reused, keyId          the idempotency key belongs to a body whose fingerprint is another; which key of
--                                   the ring made it
-- Run again: the same reply.
--- @include idempotency-keys
local args = cjson.decode(ARGV[1])

local function find_by_id()
  local record = find_record_or_fail(args.id)
  if not record then return nil end
  expire_if_overdue(record, args.fenceMs)
  if args.isAwaited and not record.wt and (record.st == 'queued' or record.st == 'sending') then
    set_record_fields(record, 'wt', '1')
  end
  return { 'found', record.id, list_public_fields(record) }
end

local found
if args.idempotency then
  local sent = args.idempotency
  found = find_by_idempotency_key(sent.connectorId, sent.key, sent.fingerprints, sent.newId, args.fenceMs)
else
  found = find_by_id()
end
flush_gathered_writes()
wake_workers_by_marker()
return found or { 'none' }
