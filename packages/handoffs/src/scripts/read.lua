#!lua flags=allow-oom
-- read returns handoffs as they are now. A handoff past its deadline reads dead, also when no worker runs.
--
-- args:      ids, fenceMs, isAwaited (a request waits for their end, so it is published)
-- replies:   for each id the record, empty where there is none
-- Run again: the same reply.
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

local records = {}
for i, id in ipairs(args.ids) do
  local record = find_or_fail(id)
  if record then
    expire(record, args.fenceMs)
    if args.isAwaited and not record.wt and (record.st == 'queued' or record.st == 'sending') then
      set(record, 'wt', '1')
    end
  end
  records[i] = record and public_fields(record) or {}
end
flush()
set_marker()
return records
