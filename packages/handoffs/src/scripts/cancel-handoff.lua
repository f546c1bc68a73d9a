#!lua flags=allow-oom
-- cancel-handoff cancels a queued handoff, and removes its job.
--
-- args:      id, connectorId? (only if the handoff is this connector's), fenceMs
-- replies:   cancelled, record · repeated, record · not-found · already-sending · already-ended, status
-- Run again: replies repeated.
--- @include list-public-record-fields
--- @include handoff-endings
local args = cjson.decode(ARGV[1])

local record = find_record_or_fail(args.id)
if not record or (args.connectorId and record.cn ~= args.connectorId) then return { 'not-found' } end
local is_new = record.st == 'queued' and not expire_if_overdue(record, args.fenceMs)
if is_new then
  remove_job(job_id_of(record))
  end_as_delivered_or_cancelled(record, 'cancelled')
else
  expire_if_overdue(record, args.fenceMs)
end
flush_gathered_writes()
wake_workers_by_marker()
if record.st == 'sending' then return { 'already-sending' } end
if record.st ~= 'cancelled' then return { 'already-ended', record.st } end
return { is_new and 'cancelled' or 'repeated', list_public_fields(record) }
