#!lua flags=allow-oom
-- discard discards a dead letter for good, and removes its job.
--
-- args:      id, fenceMs
-- replies:   discarded, record · not-found · not-dead
-- Run again: replies not-dead.
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
if not record then return { 'not-found' } end
expire(record, args.fenceMs)
if record.st ~= 'dead' then
  flush()
  return { 'not-dead' }
end
flush()
unindex_dead(record)
remove_dead_letter(record)
set(record, 'st', 'discarded', 'end', NOW)
delete_params(record.id)
gather('ZADD', P .. ':ended', NOW, args.id)
flush()
return { 'discarded', public_fields(record) }
