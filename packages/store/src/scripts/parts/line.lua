-- A contact's line: who is signalled first. A handoff stands where it fell due, ties by acceptance, and keeps its place
-- through retries; one whose delay is not over stands in the future, behind everybody who is due.
local function line_key(record) return P .. ':line:' .. record.cn .. ':' .. record.ct end
local function line_member(record) return string.format('%015d:%s', record.seq, record.id) end

local function join_line(record) redis.call('ZADD', line_key(record), record.since, line_member(record)) end

-- head_of_line gives the id of whoever is first, or nil.
local function head_of_line(record)
  local first = redis.call('ZRANGE', line_key(record), 0, 0)[1]
  return first and string.sub(first, 17)
end

-- leave_line takes a handoff out and wakes the next: gives the id of the job to promote, or nil.
-- Who asked may promote it at once; in any case the workers find it noted and do so within a round of theirs.
local function leave_line(record)
  redis.call('ZREM', line_key(record), line_member(record))
  local next_id = head_of_line(record)
  if not next_id then return nil end
  local waiting = glance(next_id)
  if not waiting or waiting.st ~= 'queued' or waiting.wf ~= 'order' then return nil end
  write(waiting, { due = now, wf = '' })
  redis.call('ZADD', P .. ':due', now, next_id)
  local job = job_id(next_id, waiting.gen)
  redis.call('RPUSH', P .. ':wakes', job)
  return job
end
