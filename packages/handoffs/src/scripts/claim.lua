#!lua flags=allow-oom
-- claim begins attempts for a worker with free slots, and is the only script that does. It moves what fell due, opens
-- gates whose moment came (whoever is parked goes first), then takes from BullMQ's wait list; what may not go now it
-- parks.
--
-- ARGV: commandDeadline (Redis's clock; after it nothing is begun), token (names this claim; `<token>.<n>` names its
-- attempts), isRepeat (1: the
--       answer to this token was lost; give what it began again, begin nothing), slots, table (where this worker keeps
--         its destinations,
--       named by the worker and the registry's version), everything (paused | resumed: since the last claim | running),
--         lockMs, fenceMs, random [0, 1), limit (of one
--       connector), replaySlots (how many of
--       the slots are for items of runs), count of destinations, then connectorId and destination for each; then
--         connectorId and free slots for each
--       connector near its limit.
-- A destination is what this worker knows of a connector, '' to forget it:
--       `ready|until|attemptTimeoutMs|atMostOnce|ratePerSecond|burst|maxAttempts|backoffBaseMs|backoffCapMs|
--       pausedUntil`
--       `refused|until|reason|httpStatus|detail`      its handoffs die
--       `keys|until`                                  a key is missing from this worker's ring
-- replies: late, or: claimed, nextAt (when to claim again, 0: nothing known), hasMore, attempts, missingDestinations,
-- faults
--       attempt: id, connectorId, contactId, token, startedAt, until, used, number, deadlineAt, since, sealedParams,
--                generation, rq, rq2, tp
--       missingDestinations: connectors whose destination this worker must find before it can take their handoffs
-- Twice with the same token and isRepeat: the same attempts, as far as they are still live. Without it, a second run
-- begins others.
--- @include shard
--- @include jobs
--- @include gate
--- @include contact-queue
--- @include waiting
--- @include cause
--- @include dead-letter-index
--- @include minutes
--- @include ending

-- How many gates one claim opens, how many delayed jobs it moves, and how many waiting ones it looks at: a few
-- milliseconds of Redis's time.
local MOST_GATES, MOST_DUE, MOST_LOOKED_AT = 32, 100, 96
-- When a gate is looked at again that is closed for a reason which ends without a word in this shard (pause), and a
-- handoff whose worker died while this one lacks its destination. Milliseconds.
local PAUSE_LOOK_MS, MISSING_LOOK_MS = 1000, 50
-- A handoff that another version of Baton wrote is left to that version for so long at a time: a moment while it is
-- new, as during an upgrade, and longer once nobody has taken it for so long. Milliseconds.
local OTHER_VERSION_MS, UNTAKEN_MS, UNTAKEN_AFTER_MS = 100, 10000, 10000
local TABLE_KEPT_MS, CLAIM_KEPT_MS = 600000, 60000

local COMMAND_DEADLINE, TOKEN, IS_REPEAT, TABLE = tonumber(ARGV[1]), ARGV[2], ARGV[3] == '1', P .. ':worker:' .. ARGV[5]
local IS_STOPPED, LOCK_MS, FENCE_MS, RANDOM, LIMIT = ARGV[6] == 'paused', ARGV[7], tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
local slots, replay_slots = tonumber(ARGV[4]), tonumber(ARGV[11])

--- @include attempt

if IS_REPEAT then return repeated() end
if now > COMMAND_DEADLINE then return { 'late' } end

-- What changed in this worker's destinations, and the gates that are to be looked at for it.
local looked_at, armed = {}, {}
local function look_at(connector)
  if looked_at[connector] then return end
  looked_at[connector] = true
  armed[#armed + 1] = connector
end
local destinations = 13
for i = 0, ARGV[12] - 1 do
  local connector, destination = ARGV[destinations + 2 * i], ARGV[destinations + 2 * i + 1]
  if destination == '' then call('HDEL', TABLE, connector) else call('HSET', TABLE, connector, destination) end
  look_at(connector)
end
if tonumber(ARGV[12]) > 0 then call('PEXPIRE', TABLE, TABLE_KEPT_MS) end
local free_slots = {}
for i = destinations + 2 * ARGV[12], #ARGV, 2 do
  free_slots[ARGV[i]] = tonumber(ARGV[i + 1])
  if free_slots[ARGV[i]] > 0 then look_at(ARGV[i]) end
end

-- Somebody paused the queue with a BullMQ tool.
if call('HEXISTS', HANDOFFS .. 'meta', 'paused') == 1 then return { 'claimed', '0', '0', {}, {}, {} } end

--- @include known-destination
--- @include worker-gate
--- @include open-gates

-- resume_lost goes on with a handoff whose worker died. Gives whether it is queued and due.
local function resume_lost(record, job)
  local fenced_until = record['until'] + FENCE_MS
  local gate = now > fenced_until and gate_here(record.cn)
  if not gate or (gate.kind ~= 'ready' and gate.kind ~= 'refused' and now <= record.dl) then
    postpone(job, gate and now + MISSING_LOOK_MS or fenced_until + 1)
    return false
  end
  local ended_at = record['until']
  local max_attempts, base_ms, cap_ms = find_retry_policy(gate)
  if interrupt(record, gate.kind == 'ready' and max_attempts or math.huge) then
    remove_key(HANDOFFS .. job)
    return false
  end
  if now > record.dl or gate.kind == 'refused' then return true end
  -- The next attempt backs off as after any other without an answer (retry-policy.ts); the fence was most of that wait,
  -- or all of it.
  local ceiling = math.min(cap_ms, base_ms * 2 ^ (record.used - 1))
  set(record, 'due', int(math.max(now, ended_at + math.floor(ceiling / 2 * (1 + RANDOM)))))
  if record.due > record.dl then
    die_unattended(record, 'expired', last_failure(record))
    remove_key(HANDOFFS .. job)
    return false
  end
  if record.due > now then
    if not record.rp then call('ZADD', retries_key(record.cn), int(record.due), record.id) end
    gather('ZADD', DUE, int(record.due), record.id)
    postpone(job, record.due)
    return false
  end
  return true
end

-- leave_to_other_version puts a job aside for a worker that knows its handoff.
local function leave_to_other_version(job)
  local is_new = now - (tonumber(call('HGET', HANDOFFS .. job, 'timestamp') or nil) or 0) < UNTAKEN_AFTER_MS
  postpone(job, now + (is_new and OTHER_VERSION_MS or UNTAKEN_MS))
  if not is_new then faults[#faults + 1] = job .. ' is of another version of Baton; left to that one' end
end

-- read_job gives a job from the wait list with its record, read once in a script.
local records = {}
local function read_job(job)
  local id, generation = string.match(job, '^(.*)-(%d+)$')
  local record, other_version = records[id], nil
  if not record then record, other_version = find_waiting(id or '') end
  if record then records[id] = record end
  return { record = record, other_version = other_version, generation = generation }
end

-- consider does with a job from the wait list what may be done now.
local function consider(job, read)
  local record, generation = read.record, read.generation
  if read.other_version then return leave_to_other_version(job) end
  local is_live = record and record.gen == generation and (record.st == 'queued' or record.st == 'sending')
  if not is_live then
    remove_key(HANDOFFS .. job)
    return
  end
  if record.st == 'sending' and not resume_lost(record, job) then return end
  if now > record.dl then
    die_expired(record)
    remove_key(HANDOFFS .. job)
    return
  end
  if record.due > now then return postpone(job, record.due) end
  local gate = gate_here(record.cn)
  if is_refused(gate) then
    die_refused(record, gate)
    remove_key(HANDOFFS .. job)
  elseif not is_next(record) then
    call('ZADD', DUE, int(record.dl + 1), record.id)
    postpone(job, record.dl + 1)
  elseif record.rp or gate.parked > 0 or places(gate) < 1 then
    park(record)
    gate.is_armed = true
    if not record.rp then gate.parked = gate.parked + 1 end
  else
    begin(record, gate)
  end
end

-- move_due puts delayed jobs that are due behind the others that wait.
local function move_due()
  local due = call('ZRANGEBYSCORE', DELAYED, '-inf', int((now + 1) * SCORE_PER_MS - 1), 'LIMIT', 0, MOST_DUE)
  if #due == 0 then return false end
  call('ZREM', DELAYED, unpack(due))
  call('LPUSH', WAIT, unpack(due))
  return #due == MOST_DUE
end

-- try_job does one step for one job. Should it fail, the job is looked at later, and the others go on.
local function try_job(job, step, ...)
  local done, result = pcall(step, job, ...)
  if done then return result end
  faults[#faults + 1] = job .. ' ' .. (type(result) == 'table' and result.err or tostring(result))
  if not call('ZSCORE', DELAYED, job) then postpone(job, now + PAUSE_LOOK_MS) end
end

local function take_waiting()
  local looked = 0
  while slots > 0 and looked < MOST_LOOKED_AT do
    local jobs = call('RPOP', WAIT, math.min(slots, MOST_LOOKED_AT - looked))
    if not jobs or #jobs == 0 then return false end
    looked = looked + #jobs
    local reads, connectors = {}, {}
    for i, job in ipairs(jobs) do
      local read = try_job(job, read_job) or false
      reads[i] = read
      if read and read.record then connectors[#connectors + 1] = read.record.cn end
    end
    read_ahead(connectors)
    for i, job in ipairs(jobs) do
      if reads[i] then try_job(job, consider, reads[i]) end
    end
  end
  return call('LLEN', WAIT) > 0
end

-- Everything goes on: no gate is to wait for its next look.
if ARGV[6] == 'resumed' then call('ZUNIONSTORE', GATES, 1, GATES, 'WEIGHTS', 0) end
local has_more = move_due()
if open_gates() then gate_at = now end
has_more = take_waiting() or has_more
if not has_more then open_to_replays() end
flush()
for _, gate in ipairs(touched) do at_gate(gate.connector, rearm, gate) end
write_gates()

local sealed_params = {}
if #claimed > 0 then
  local keys, ids = {}, {}
  for i, record in ipairs(claimed) do
    keys[i], ids[i] = params_key(record.id), record.id
  end
  sealed_params = call('MGET', unpack(keys))
  call('SET', claim_key, TOKEN .. ' ' .. table.concat(ids, ' '), 'PX', CLAIM_KEPT_MS)
end

-- Whoever is at its limit leaves the next moments to another worker.
gate_at = gate_at or tonumber(call('ZRANGEBYSCORE', GATES, '(' .. NOW, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)[2])
local next_delayed = call('ZRANGE', DELAYED, 0, 0, 'WITHSCORES')[2]
local delayed_at = next_delayed and math.floor(next_delayed / SCORE_PER_MS)
if has_more then call('ZADD', MARKER, '0', '0') end
if slots < 1 then
  if gate_at then wake_at(gate_at) end
  if delayed_at then call('ZADD', MARKER, 'LT', int(delayed_at), '1') end
end

local attempts = {}
for i, record in ipairs(claimed) do attempts[i] = answer(record, record.tok, sealed_params[i]) end
local next_at = math.min(gate_at or math.huge, delayed_at or math.huge)
return { 'claimed', next_at < math.huge and int(next_at) or '0', has_more and '1' or '0', attempts, missing_destinations, faults }
