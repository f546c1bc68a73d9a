-- The BullMQ jobs of handoffs and dead letters: the only part that knows BullMQ 6's keys. A job is created, moved and
-- removed in the same script as its record. Its id is `<handoff>-<generation>`.
--
-- Kept true: wait, active, delayed, prioritized, the locks and the marker. Left out: BullMQ's stream of events, which
-- nothing reads, and the counters inside a job (delay, processedOn), which only its own workers keep.
local HANDOFFS, DEAD_LETTERS = P .. ':handoffs:', P .. ':dead-letters:'
local WAIT, ACTIVE, DELAYED, MARKER = HANDOFFS .. 'wait', HANDOFFS .. 'active', HANDOFFS .. 'delayed', HANDOFFS .. 'marker'

-- BullMQ keeps a delayed job's time in the upper bits of its score, and the order within one millisecond in the lower
-- twelve.
local SCORE_PER_MS = 4096
-- Dead letters are of one priority, which stands in the upper 32 bits; the lower ones count.
local PRIORITY = 1

local function job_of(record) return record.id .. '-' .. record.gen end
local function lock_of(job) return HANDOFFS .. job .. ':lock' end

-- What the marker is to say once the script ends: that jobs wait, and when the next delayed one is due.
local jobs_wait, delayed_due_at = false, nil

-- add_job creates a job, which still needs a place. Gives false where there is one already.
local function add_job(record)
  return 0 < call('HSET', HANDOFFS .. job_of(record), 'name', 'handoff', 'data', '{"connectorId":"' .. record.cn .. '"}', 'opts', '{}',
    'timestamp', NOW, 'delay', '0', 'priority', '0')
end

-- make_ready puts a job behind the others that wait for a worker.
local function make_ready(job)
  gather('LPUSH', WAIT, job)
  jobs_wait = true
end

-- postpone puts a job aside until `at`.
local function postpone(job, at)
  call('ZADD', DELAYED, int(at * SCORE_PER_MS), job)
  if not delayed_due_at or at < delayed_due_at then delayed_due_at = at end
end

-- set_marker wakes a blocked worker for what this script put into wait or delayed. A queue that somebody paused wakes
-- nobody.
local function set_marker()
  if not jobs_wait and not delayed_due_at then return end
  if call('HEXISTS', HANDOFFS .. 'meta', 'paused') == 1 then return end
  if jobs_wait then call('ZADD', MARKER, '0', '0') end
  if delayed_due_at then call('ZADD', MARKER, 'LT', int(delayed_due_at), '1') end
end

-- take_from_worker takes a job out of the hands of the worker that has it, wherever a stalled check or another worker
-- put it since. Who was begun first stands last in `active`, and mostly ends first.
local function take_from_worker(job)
  if call('LREM', ACTIVE, '-1', job) == 0 then
    call('LREM', WAIT, '0', job)
    call('ZREM', DELAYED, job)
  end
  remove_key(lock_of(job))
end

-- finish_job removes a job for good that is in its worker's hands.
local function finish_job(job)
  take_from_worker(job)
  remove_key(HANDOFFS .. job)
end

-- remove_job removes the job of a handoff that ended while it waited. One that waits for a worker stays in the list,
-- where removing is not cheap: claim drops it.
local function remove_job(job)
  if call('ZREM', DELAYED, job) == 1 then remove_key(HANDOFFS .. job) end
end

-- add_dead_letter shows a dead handoff to BullMQ's tools, named by its reason. It has a priority, because removing from
-- a sorted set is cheap.
local function add_dead_letter(record, reason)
  local job = job_of(record)
  call('HSET', DEAD_LETTERS .. job, 'name', reason, 'data', '{"connectorId":"' .. record.cn .. '"}', 'opts', '{"priority":1}',
    'timestamp', NOW, 'delay', '0', 'priority', '1')
  gather('ZADD', DEAD_LETTERS .. 'prioritized', int(PRIORITY * 2 ^ 32 + call('INCR', DEAD_LETTERS .. 'pc') % 2 ^ 32), job)
end

local function remove_dead_letter(record)
  local job = job_of(record)
  gather('ZREM', DEAD_LETTERS .. 'prioritized', job)
  remove_key(DEAD_LETTERS .. job)
end
