#!lua flags=allow-oom
-- discard puts a dead letter away for good, and its job.
--
-- args: id, fenceMs
-- replies: not-found · not-dead · discarded, record
-- Twice: the second says not-dead.
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

local record = load(args.id)
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
forget_params(record.id)
gather('ZADD', P .. ':ended', NOW, args.id)
flush()
return { 'discarded', public_fields(record) }
