#!lua flags=allow-oom
-- discard-dead-letter discards a dead letter for good, and removes its job.
--
-- args:      id, fenceMs
-- replies:   discarded, record · not-found · not-dead
-- Run again: replies not-dead.
--- @include list-public-record-fields
--- @include handoff-endings
local args = cjson.decode(ARGV[1])

local record = find_record_or_fail(args.id)
if not record then return { 'not-found' } end
expire_if_overdue(record, args.fenceMs)
if record.st ~= 'dead' then
  flush_gathered_writes()
  return { 'not-dead' }
end
flush_gathered_writes()
unindex_dead_letter(record)
remove_dead_letter_job(record)
set_record_fields(record, 'st', 'discarded', 'end', NOW)
delete_params(record.id)
gather_write('ZADD', P .. ':ended', NOW, args.id)
flush_gathered_writes()
return { 'discarded', list_public_fields(record) }
