#!lua flags=allow-oom
-- mark-restored marks a page of handoffs that come from a backup, the oldest first: whatever was queued or dead there
-- may have been sent since. A queued one of an at-most-once connector dies of it (unknown). One that was being sent is
-- left: its attempt has ended, and the next claim calls it interrupted.
--
-- args: after? {score, member} (the last one of the page before), limit, atMostOnce (ids of connectors)
-- replies: score and member of the last one ('' at the end), marked, died, otherVersion (left alone), faults
-- Twice: those that were marked are marked, those that died are marked; nothing else changes.
--- @include shard
--- @include jobs
--- @include gate
--- @include contact-queue
--- @include waiting
--- @include cause
--- @include dead-letter-index
--- @include minutes
--- @include ending
local args = cjson.decode(ARGV[1])

local all = P .. ':all'
local at_most_once = {}
for _, connector in ipairs(args.atMostOnce) do at_most_once[connector] = true end

-- Where the last one of the page before is gone, those of its moment are met once more.
local function start()
  if not args.after then return 0 end
  local rank = call('ZRANK', all, args.after.member)
  return rank and rank + 1 or call('ZCOUNT', all, '-inf', '(' .. args.after.score)
end

local marked, died, other_versions = 0, 0, 0
local function mark(id)
  local record, other_version = find(id)
  if other_version then other_versions = other_versions + 1 end
  if not record or (record.st ~= 'queued' and record.st ~= 'dead') then return end
  set(record, 'may', '1')
  if record.st == 'dead' or not at_most_once[record.cn] then
    marked = marked + 1
    return
  end
  remove_job(job_of(record))
  die_unattended(record, 'unknown', { detail = 'restored from a backup' })
  died = died + 1
end

local first = start()
local entries = call('ZRANGE', all, first, first + args.limit - 1, 'WITHSCORES')
for i = 1, #entries, 2 do each(entries[i], mark, entries[i]) end
flush()
set_marker()
local is_end = #entries < args.limit * 2
return { is_end and '' or entries[#entries], is_end and '' or entries[#entries - 1], marked, died, other_versions, faults }
