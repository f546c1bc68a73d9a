#!lua flags=allow-oom
-- reconcile mends live handoffs whose moment came and went: one past its deadline is ended, one without a job gets one
-- of the next generation.
--
-- args: from (cursor: {at, skip} of the step before), afterMs, limit, fenceMs
-- replies: cursor of the next step (at, skip; 0, 0 where this one saw the end), ids that got a job
-- Twice: the second finds the jobs.
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

local function add_lost_job(record)
  if call('EXISTS', HANDOFFS .. job_of(record)) == 1 then return false end
  set(record, 'gen', int(record.gen + 1))
  call('ZREM', parking_of(record), record.id)
  add_job(record)
  local at = record.st == 'sending' and record['until'] + args.fenceMs + 1 or record.due
  if at > now then postpone(job_of(record), at) else make_ready(job_of(record)) end
  return true
end

local mended = {}
local function mend(id)
  local record, other_version = find(id)
  if other_version then return true end
  local is_live = record and (record.st == 'queued' or record.st == 'sending')
  if not is_live or expire(record, args.fenceMs) then
    call('ZREM', DUE, id)
    return false
  end
  if add_lost_job(record) then mended[#mended + 1] = id end
  return true
end

local found = call('ZRANGEBYSCORE', DUE, int(args.from.at), int(now - args.afterMs), 'WITHSCORES', 'LIMIT', args.from.skip, args.limit)
-- Those of one millisecond may be more than a step takes: the cursor counts how many of its moment stay behind it.
local at, skip = args.from.at, args.from.skip
for i = 1, #found, 2 do
  local score = tonumber(found[i + 1])
  if score ~= at then at, skip = score, 0 end
  if each(found[i], mend, found[i]) ~= false then skip = skip + 1 end
end
flush()
set_marker()
if #found < 2 * args.limit then at, skip = 0, 0 end
return { int(at), skip, mended, faults }
