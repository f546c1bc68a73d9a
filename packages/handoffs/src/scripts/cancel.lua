#!lua flags=allow-oom
-- cancel cancels a queued handoff, and removes its job.
--
-- args:      id, connectorId? (only if the handoff is this connector's), fenceMs
-- replies:   cancelled, record · repeated, record · not-found · already-sending · already-ended, status
-- Run again: replies repeated.
--- @include shard
--- @include jobs
--- @include gate
--- @include contact-queue
--- @include waiting
--- @include public-fields
--- @include cause
--- @include dead-letter-index
--- @include minutes
--- @include ending
local args = cjson.decode(ARGV[1])

local record = find_or_fail(args.id)
if not record or (args.connectorId and record.cn ~= args.connectorId) then return { 'not-found' } end
local is_new = record.st == 'queued' and not expire(record, args.fenceMs)
if is_new then
  remove_job(job_of(record))
  finish(record, 'cancelled')
else
  expire(record, args.fenceMs)
end
flush()
set_marker()
if record.st == 'sending' then return { 'already-sending' } end
if record.st ~= 'cancelled' then return { 'already-ended', record.st } end
return { is_new and 'cancelled' or 'repeated', public_fields(record) }
