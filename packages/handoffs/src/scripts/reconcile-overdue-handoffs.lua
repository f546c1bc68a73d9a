#!lua flags=allow-oom
-- reconcile-overdue-handoffs repairs live handoffs whose due moment is past: it ends one past its deadline, gives one
-- without a job a job of the next generation, and gives back the job of a worker that died. BullMQ's stalled check does
-- that sooner, but not on a Redis that is full.
--
-- args:      from (cursor {at, skip} of the step before), afterMs, limit, fenceMs
-- replies:   cursor of the next step (at, skip; 0, 0 at the end), ids that got a job, faults
-- Run again: finds the jobs, and does nothing.
--- @include handoff-endings
local args = cjson.decode(ARGV[1])

local function add_lost_job(record)
  if call('EXISTS', HANDOFFS .. job_id_of(record)) == 1 then return false end
  set_record_fields(record, 'gen', format_int(record.gen + 1))
  call('ZREM', parked_key_of_handoff(record), record.id)
  add_job(record)
  local at = record.st == 'sending' and record['until'] + args.fenceMs + 1 or record.due
  if at > now then delay_job(job_id_of(record), at) else add_to_wait_list(job_id_of(record)) end
  return true
end

-- give_back_job_of_dead_worker moves the job of an attempt whose fence is over to the wait list, unless its worker
-- still renews the lock.
local function give_back_job_of_dead_worker(record)
  local job = job_id_of(record)
  if record.st ~= 'sending' or now <= record['until'] + args.fenceMs then return end
  if call('EXISTS', job_lock_key(job)) == 1 or call('LREM', ACTIVE, '-1', job) == 0 then return end
  add_to_wait_list(job)
end

local repaired = {}
local function reconcile_handoff(id)
  local record, other_version = find_record(id)
  if other_version then return true end
  local is_live = record and (record.st == 'queued' or record.st == 'sending')
  if not is_live or expire_if_overdue(record, args.fenceMs) then
    call('ZREM', DUE, id)
    return false
  end
  if add_lost_job(record) then repaired[#repaired + 1] = id else give_back_job_of_dead_worker(record) end
  return true
end

local found = call('ZRANGEBYSCORE', DUE, format_int(args.from.at), format_int(now - args.afterMs), 'WITHSCORES',
  'LIMIT', args.from.skip, args.limit)
-- More handoffs may have the same score than one step reads: `skip` counts those of the last score that stay in the
-- set.
local at, skip = args.from.at, args.from.skip
for i = 1, #found, 2 do
  local score = tonumber(found[i + 1])
  if score ~= at then at, skip = score, 0 end
  if run_or_record_fault(found[i], reconcile_handoff, found[i]) ~= false then skip = skip + 1 end
end
flush_gathered_writes()
wake_workers_by_marker()
if #found < 2 * args.limit then at, skip = 0, 0 end
return { format_int(at), skip, repaired, faults }
