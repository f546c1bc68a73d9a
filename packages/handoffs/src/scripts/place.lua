#!lua flags=allow-oom
-- place creates the jobs of accepted handoffs: ready, or delayed. It is a step of its own, after `accept` and its
-- replica have answered, so that a handoff whose caller was answered 503 meanwhile never moves.
--
-- ARGV:      ids
-- replies:   for each: '', or what went wrong
-- Run again: finds the job, and does nothing. A handoff that is no longer queued is left alone.
--- @include shard
--- @include jobs

local function place(id)
  local v = call('HMGET', handoff_key(id), 'v', 'st', 'cn', 'gen', 'due')
  if v[2] ~= 'queued' or not is_supported(tonumber(v[1])) then return end
  local record = { id = id, cn = v[3], gen = v[4], due = v[5] + 0 }
  if not add_job(record) then return end
  local job = job_of(record)
  if record.due > now then delay_job(job, record.due) else make_ready(job) end
end

local replies = {}
for i, id in ipairs(ARGV) do
  local count = #faults
  try_step(id, place, id)
  replies[i] = faults[count + 1] or ''
end
local count = #faults
flush()
set_marker()
-- A fault of a whole list of jobs concerns all of them.
for i, reply in ipairs(replies) do
  if reply == '' then replies[i] = faults[count + 1] or '' end
end
return replies
