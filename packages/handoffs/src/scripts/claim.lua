#!lua flags=allow-oom
-- claim begins attempts for a worker with free slots; no other script does. It moves delayed jobs that are due, opens
-- gates that are due for a check (parked handoffs go first), then takes jobs from BullMQ's wait list. What may not
-- begin now it parks.
--
-- ARGV:      commandDeadline        on Redis's clock; after it nothing begins
--            token                  names this claim; `<token>.<n>` names its attempts
--            isRepeat               1: the reply to this token was lost; return its attempts again, begin none
--            slots                  how many attempts may begin
--            table                  names the hash of this worker's destinations: worker and registry version
--            everything             paused | resumed (since the last claim) | running
--            lockMs, fenceMs        of a job; after an attempt's latest end
--            random                 in [0, 1)
--            limit                  attempts of one connector at this worker
--            replaySlots            how many of the slots are for items of runs
--            count of destinations, then connectorId and destination of each
--            connectorId and free slots of each connector near its limit
--            A destination is what this worker knows of a connector, '' to remove it:
--            `ready|until|attemptTimeoutMs|atMostOnce|ratePerSecond|burst|
--                   maxAttempts|backoffBaseMs|backoffCapMs|pausedUntil`
--            `refused|until|reason|httpStatus|detail`   its handoffs die
--            `keys|until`                               a key is missing from this worker's ring
-- replies:   late
--            claimed, nextAt (when to claim again, 0: unknown), hasMore, attempts, missingDestinations, faults
--              attempt: id, connectorId, contactId, token, startedAt, until, used, number, deadlineAt, since,
--                       sealedParams, generation, rq, rq2, tp, rtp
--              missingDestinations: connectors whose destination this worker must find to take their handoffs
-- Run again: with the same token and isRepeat, returns the same attempts, as far as they are still live. Without it,
--            begins others.
--- @include handoff-endings

-- How many gates one claim opens, how many delayed jobs it moves, and how many waiting jobs it reads: a few
-- milliseconds of Redis's time.
local MAX_GATES, MAX_DUE, MAX_READ = 32, 100, 96
-- When a gate is checked again that is closed for a reason whose end does not show in this shard (pause), and when a
-- handoff is read again whose worker died while this one does not know its destination. Milliseconds.
local PAUSE_CHECK_MS, MISSING_CHECK_MS = 1000, 50
-- For how long a handoff of another version of Baton is left to that version: briefly while it is new, as during an
-- upgrade, and longer once no worker has taken it for so long. Milliseconds.
local OTHER_VERSION_MS, UNTAKEN_MS, UNTAKEN_AFTER_MS = 100, 10000, 10000
local TABLE_KEPT_MS = 600000

local COMMAND_DEADLINE, TOKEN, IS_REPEAT = tonumber(ARGV[1]), ARGV[2], ARGV[3] == '1'
local TABLE, IS_EVERYTHING_PAUSED = P .. ':worker:' .. ARGV[5], ARGV[6] == 'paused'
local LOCK_MS, FENCE_MS, RANDOM, LIMIT = ARGV[7], tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
local slots, replay_slots = tonumber(ARGV[4]), tonumber(ARGV[11])

--- @include begin-attempt

if IS_REPEAT then return reply_to_repeated_claim() end
if now > COMMAND_DEADLINE then return { 'late' } end

-- The gates to open: those due for a check, and those for which this worker's destination or free slots changed.
local is_added, gates_to_open = {}, {}
local function add_to_gates_to_open(connector)
  if is_added[connector] then return end
  is_added[connector] = true
  gates_to_open[#gates_to_open + 1] = connector
end
local destinations = 13
for i = 0, ARGV[12] - 1 do
  local connector, destination = ARGV[destinations + 2 * i], ARGV[destinations + 2 * i + 1]
  if destination == '' then call('HDEL', TABLE, connector) else call('HSET', TABLE, connector, destination) end
  add_to_gates_to_open(connector)
end
if tonumber(ARGV[12]) > 0 then call('PEXPIRE', TABLE, TABLE_KEPT_MS) end
local free_slots = {}
for i = destinations + 2 * ARGV[12], #ARGV, 2 do
  free_slots[ARGV[i]] = tonumber(ARGV[i + 1])
  if free_slots[ARGV[i]] > 0 then add_to_gates_to_open(ARGV[i]) end
end

-- The queue was paused with a BullMQ tool.
if call('HEXISTS', HANDOFFS .. 'meta', 'paused') == 1 then return { 'claimed', '0', '0', {}, {}, {} } end

--- @include read-worker-known-destinations
--- @include connector-gate-for-claiming-worker
--- @include open-due-connector-gates

-- resume_interrupted_handoff continues a handoff whose worker died. It returns whether the handoff is queued and due.
local function resume_interrupted_handoff(record, job)
  local fenced_until = record['until'] + FENCE_MS
  local gate = now > fenced_until and read_gate_for_worker(record.cn)
  if not gate or (gate.kind ~= 'ready' and gate.kind ~= 'refused' and now <= record.dl) then
    delay_job(job, gate and now + MISSING_CHECK_MS or fenced_until + 1)
    return false
  end
  local ended_at = record['until']
  local max_attempts, base_ms, cap_ms = find_retry_policy(gate)
  if record_interrupted_attempt(record, gate.kind == 'ready' and max_attempts or math.huge) then
    gather_key_removal(HANDOFFS .. job)
    return false
  end
  if now > record.dl or gate.kind == 'refused' then return true end
  -- The wait counts from the attempt's latest end: the fence was most of it, or all.
  set_record_fields(record, 'due', format_int(math.max(now, ended_at + backoff_ms(base_ms, cap_ms, record.used))))
  if record.due > record.dl then
    end_as_dead_letter_and_report(record, 'expired', read_last_failure(record))
    gather_key_removal(HANDOFFS .. job)
    return false
  end
  if record.due > now then
    add_to_retries_index(record)
    gather_write('ZADD', DUE, format_int(record.due), record.id)
    delay_job(job, record.due)
    return false
  end
  return true
end

-- delay_for_other_version delays a job until a worker of the version that wrote its handoff may have taken it.
local function delay_for_other_version(job)
  local is_new = now - (tonumber(call('HGET', HANDOFFS .. job, 'timestamp') or nil) or 0) < UNTAKEN_AFTER_MS
  delay_job(job, now + (is_new and OTHER_VERSION_MS or UNTAKEN_MS))
  if not is_new then faults[#faults + 1] = job .. ' is of another version of Baton; left to that one' end
end

-- read_record_of_job reads the record of a job from the wait list, once in a script.
local records = {}
local function read_record_of_job(job)
  local id, generation = string.match(job, '^(.*)-(%d+)$')
  local record, other_version = records[id], nil
  if not record then record, other_version = find_record_for_claim(id or '') end
  if record then records[id] = record end
  return { record = record, other_version = other_version, generation = generation }
end

-- process_waiting_job begins an attempt for a job from the wait list, or parks, delays or removes it.
local function process_waiting_job(job, read)
  local record, generation = read.record, read.generation
  if read.other_version then return delay_for_other_version(job) end
  local is_live = record and record.gen == generation and (record.st == 'queued' or record.st == 'sending')
  if not is_live then
    gather_key_removal(HANDOFFS .. job)
    return
  end
  if record.st == 'sending' and not resume_interrupted_handoff(record, job) then return end
  if now > record.dl then
    end_as_expired(record)
    gather_key_removal(HANDOFFS .. job)
    return
  end
  if record.due > now then return delay_job(job, record.due) end
  local gate = read_gate_for_worker(record.cn)
  if must_end_as_refused(gate) then
    end_as_refused(record, gate)
    gather_key_removal(HANDOFFS .. job)
  elseif not is_next_of_contact(record) then
    call('ZADD', DUE, format_int(record.dl + 1), record.id)
    delay_job(job, record.dl + 1)
  elseif record.rp or gate.parked > 0 or count_startable_handoffs(gate) < 1 then
    park_at_gate(record)
    gate.is_scheduled, gate.has_newly_parked = true, true
    if not record.rp then gate.parked = gate.parked + 1 end
  else
    begin_attempt(record, gate)
  end
end

-- move_due_jobs_to_wait_list moves delayed jobs that are due to the end of the wait list.
local function move_due_jobs_to_wait_list()
  local due = call('ZRANGEBYSCORE', DELAYED, '-inf', format_int((now + 1) * SCORE_PER_MS - 1), 'LIMIT', 0, MAX_DUE)
  if #due == 0 then return false end
  call('ZREM', DELAYED, unpack(due))
  call('LPUSH', WAIT, unpack(due))
  return #due == MAX_DUE
end

-- run_or_delay_job runs one step for one job. Where it fails, the job is delayed, and the others go on.
local function run_or_delay_job(job, step, ...)
  local done, result = pcall(step, job, ...)
  if done then return result end
  faults[#faults + 1] = job .. ' ' .. (type(result) == 'table' and result.err or tostring(result))
  if not call('ZSCORE', DELAYED, job) then delay_job(job, now + PAUSE_CHECK_MS) end
end

local function take_waiting_jobs()
  local read_count = 0
  while slots > 0 and read_count < MAX_READ do
    local jobs = call('RPOP', WAIT, math.min(slots, MAX_READ - read_count))
    if not jobs or #jobs == 0 then return false end
    read_count = read_count + #jobs
    local reads, connectors = {}, {}
    for i, job in ipairs(jobs) do
      local read = run_or_delay_job(job, read_record_of_job) or false
      reads[i] = read
      if read and read.record then connectors[#connectors + 1] = read.record.cn end
    end
    prefetch_known_destinations(connectors)
    for i, job in ipairs(jobs) do
      if reads[i] then run_or_delay_job(job, process_waiting_job, reads[i]) end
    end
  end
  return call('LLEN', WAIT) > 0
end

-- Everything was resumed: every gate is checked now.
if ARGV[6] == 'resumed' then call('ZUNIONSTORE', GATES, 1, GATES, 'WEIGHTS', 0) end
local has_more = move_due_jobs_to_wait_list()
if open_gates() then next_gate_at = now end
has_more = take_waiting_jobs() or has_more
if not has_more then open_gates_to_replays() end
flush_gathered_writes()
for _, gate in ipairs(gates_read) do run_or_check_gate_later(gate.connector, schedule_next_gate_check, gate) end
write_all_gate_changes()

local sealed_params = {}
if #claimed > 0 then
  local keys = {}
  for i, record in ipairs(claimed) do keys[i] = params_key(record.id) end
  sealed_params = call('MGET', unpack(keys))
end

-- A worker without free slots has another worker woken at the next moments.
local next_gate = call('ZRANGEBYSCORE', GATES, '(' .. NOW, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
next_gate_at = next_gate_at or tonumber(next_gate[2])
local next_delayed = call('ZRANGE', DELAYED, 0, 0, 'WITHSCORES')[2]
local delayed_at = next_delayed and math.floor(next_delayed / SCORE_PER_MS)
if has_more then call('ZADD', MARKER, '0', '0') end
if slots < 1 then
  if next_gate_at then wake_worker_at(next_gate_at) end
  if delayed_at then call('ZADD', MARKER, 'LT', format_int(delayed_at), '1') end
end

local attempts = {}
for i, record in ipairs(claimed) do attempts[i] = format_attempt_reply(record, record.tok, sealed_params[i]) end
local next_at = math.min(next_gate_at or math.huge, delayed_at or math.huge)
next_at = next_at < math.huge and format_int(next_at) or '0'
return { 'claimed', next_at, has_more and '1' or '0', attempts, missing_destinations, faults }
