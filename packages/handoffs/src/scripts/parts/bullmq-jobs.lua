--- @include shard-keys-clock-and-record
-- The BullMQ jobs of handoffs and dead letters: the only part that knows BullMQ 6's keys. A job is created, moved and
-- removed in the same script as its record. Its id is `<handoff>-<generation>`.
--
-- These scripts keep wait, active, delayed, prioritized, the locks and the marker as BullMQ does. They do not write
-- BullMQ's event stream, which nothing reads, nor the counters in a job (delay, processedOn), which only BullMQ's own
-- workers use.
local HANDOFFS, DEAD_LETTERS = P .. ':handoffs:', P .. ':dead-letters:'
local WAIT, ACTIVE = HANDOFFS .. 'wait', HANDOFFS .. 'active'
local DELAYED, MARKER = HANDOFFS .. 'delayed', HANDOFFS .. 'marker'

-- BullMQ keeps a delayed job's time in the upper bits of its score, and the order within one millisecond in the lower
-- twelve.
local SCORE_PER_MS = 4096
-- All dead letters have one priority. It is the upper 32 bits of the score; the lower ones are a counter.
local PRIORITY = 1

local function job_id_of(record) return record.id .. '-' .. record.gen end
local function job_lock_key(job) return HANDOFFS .. job .. ':lock' end

-- What the marker says when the script ends: that jobs wait, and when the next delayed one is due.
local jobs_wait, delayed_due_at = false, nil

-- add_job creates a job that is in no list yet. It returns false where the job exists.
local function add_job(record)
  local data = '{"connectorId":"' .. record.cn .. '"}'
  return 0 < call('HSET', HANDOFFS .. job_id_of(record), 'name', 'handoff', 'data', data, 'opts', '{}',
    'timestamp', NOW, 'delay', '0', 'priority', '0')
end

-- add_to_wait_list adds a job at the end of the wait list.
local function add_to_wait_list(job)
  gather_write('LPUSH', WAIT, job)
  jobs_wait = true
end

-- delay_job puts a job into the delayed set until `at`.
local function delay_job(job, at)
  call('ZADD', DELAYED, format_int(at * SCORE_PER_MS), job)
  if not delayed_due_at or at < delayed_due_at then delayed_due_at = at end
end

-- wake_workers_by_marker wakes a blocked worker for what this script put into wait or delayed. It does nothing for a
-- queue that was paused with a BullMQ tool.
local function wake_workers_by_marker()
  if not jobs_wait and not delayed_due_at then return end
  if call('HEXISTS', HANDOFFS .. 'meta', 'paused') == 1 then return end
  if jobs_wait then call('ZADD', MARKER, '0', '0') end
  if delayed_due_at then call('ZADD', MARKER, 'LT', format_int(delayed_due_at), '1') end
end

-- take_job_from_worker removes a job from `active` and its lock, or from the list into which a stalled check or another
-- worker put it. It searches `active` from the tail: attempts that began first usually end first.
local function take_job_from_worker(job)
  if call('LREM', ACTIVE, '-1', job) == 0 then
    call('LREM', WAIT, '0', job)
    call('ZREM', DELAYED, job)
  end
  gather_key_removal(job_lock_key(job))
end

-- delete_job_of_worker deletes a job that a worker has.
local function delete_job_of_worker(job)
  take_job_from_worker(job)
  gather_key_removal(HANDOFFS .. job)
end

-- remove_job deletes the job of a handoff that ended while it waited. A job in the wait list stays there, where
-- removing is not cheap: claim drops it.
local function remove_job(job)
  if call('ZREM', DELAYED, job) == 1 then gather_key_removal(HANDOFFS .. job) end
end

-- add_dead_letter_job shows a dead handoff to BullMQ tools, under its reason. It has a priority, because removing from
-- a sorted set is cheap.
local function add_dead_letter_job(record, reason)
  local job = job_id_of(record)
  local data = '{"connectorId":"' .. record.cn .. '"}'
  call('HSET', DEAD_LETTERS .. job, 'name', reason, 'data', data, 'opts', '{"priority":1}',
    'timestamp', NOW, 'delay', '0', 'priority', '1')
  local score = PRIORITY * 2 ^ 32 + call('INCR', DEAD_LETTERS .. 'pc') % 2 ^ 32
  gather_write('ZADD', DEAD_LETTERS .. 'prioritized', format_int(score), job)
end

local function remove_dead_letter_job(record)
  local job = job_id_of(record)
  gather_write('ZREM', DEAD_LETTERS .. 'prioritized', job)
  gather_key_removal(DEAD_LETTERS .. job)
end
