#!lua flags=allow-oom
-- place-accepted-handoffs-in-queue creates the jobs of accepted handoffs: ready, or delayed. It is a step of its own,
-- after `accept` and its replica have answered, so that a handoff whose caller was answered 503 meanwhile never moves.
--
-- ARGV:      ids
-- replies:   for each: '', or what went wrong
-- Run again: finds the job, and does nothing. A handoff that is no longer queued is left alone.
--- @include bullmq-jobs

local function create_job_of_handoff(id)
  local v = call('HMGET', handoff_key(id), 'v', 'st', 'cn', 'gen', 'due')
  if v[2] ~= 'queued' or not is_supported_schema(tonumber(v[1])) then return end
  local record = { id = id, cn = v[3], gen = v[4], due = v[5] + 0 }
  if not add_job(record) then return end
  local job = job_id_of(record)
  if record.due > now then delay_job(job, record.due) else add_to_wait_list(job) end
end

local replies = {}
for i, id in ipairs(ARGV) do
  local count = #faults
  run_or_record_fault(id, create_job_of_handoff, id)
  replies[i] = faults[count + 1] or ''
end
local count = #faults
flush_gathered_writes()
wake_workers_by_marker()
-- A fault of a whole list of jobs concerns all of them.
for i, reply in ipairs(replies) do
  if reply == '' then replies[i] = faults[count + 1] or '' end
end
return replies
