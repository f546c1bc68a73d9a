#!lua flags=allow-oom
-- mark-handoffs-restored-from-backup marks a page of handoffs that were restored from a backup, the oldest first. One
-- that was queued or dead in the backup may have been sent since. A queued one of an at-most-once connector becomes a
-- dead letter (unknown). One that was being sent is left alone: the next claim records its attempt as interrupted.
--
-- args:      after? {score, member} (the last one of the page before), limit, atMostOnce (ids of connectors)
-- replies:   score and member to go on from ('' at the end), marked, died, otherVersion (left alone), faults
-- Run again: marks what is marked already; nothing else changes.
--- @include handoff-endings
local args = cjson.decode(ARGV[1])

local all = P .. ':all'
local at_most_once = {}
for _, connector in ipairs(args.atMostOnce) do at_most_once[connector] = true end

-- rank_after_cursor returns the rank that follows the cursor. Where the cursor's entry was removed, entries of its
-- moment are read again.
local function rank_after_cursor()
  if not args.after then return 0 end
  local rank = call('ZRANK', all, args.after.member)
  return rank and rank + 1 or call('ZCOUNT', all, '-inf', '(' .. args.after.score)
end

local marked, died, other_versions = 0, 0, 0
local function mark_handoff_restored(id)
  local record, other_version = find_record(id)
  if other_version then other_versions = other_versions + 1 end
  if not record or (record.st ~= 'queued' and record.st ~= 'dead') then return end
  set_record_fields(record, 'may', '1')
  if record.st == 'dead' or not at_most_once[record.cn] then
    marked = marked + 1
    return
  end
  remove_job(job_id_of(record))
  end_as_dead_letter_and_report(record, 'unknown', { detail = 'restored from a backup' })
  died = died + 1
end

local first = rank_after_cursor()
local entries = call('ZRANGE', all, first, first + args.limit - 1, 'WITHSCORES')
for i = 1, #entries, 2 do run_or_record_fault(entries[i], mark_handoff_restored, entries[i]) end
flush_gathered_writes()
wake_workers_by_marker()
local last_score, last_member = entries[#entries], entries[#entries - 1]
if #entries < args.limit * 2 then last_score, last_member = '', '' end
return { last_score, last_member, marked, died, other_versions, faults }
