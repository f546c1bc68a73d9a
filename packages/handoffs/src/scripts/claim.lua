#!lua flags=allow-oom
-- claim begins attempts for a worker with free slots, and is the only script that does. It moves what fell due, opens
-- gates whose moment came (whoever is parked goes first), then takes from BullMQ's wait list; what may not go now it
-- parks.
--
-- ARGV: commandDeadline (Redis's clock; after it nothing is begun), token (names this claim; `<token>.<n>` names its
-- attempts), isRepeat (1: the
--       answer to this token was lost; give what it began again, begin nothing), slots, table (where this worker keeps its destinations,
--       named by the worker and the registry's version), everything (paused | resumed: since the last claim | running), lockMs, fenceMs, random [0, 1), limit (of one
--       connector), count of destinations, then connectorId and destination for each; then connectorId and free slots for each
--       connector near its limit.
-- A destination is what this worker knows of a connector, '' to forget it:
--       `ready|until|attemptTimeoutMs|atMostOnce|ratePerSecond|burst|maxAttempts|backoffBaseMs|backoffCapMs|pausedUntil`
--       `refused|until|reason|httpStatus|detail`      its handoffs die
--       `keys|until`                                  a key is missing from this worker's ring
-- replies: late, or: claimed, nextAt (when to claim again, 0: nothing known), hasMore, attempts, lacking, faults
--       attempt: id, connectorId, contactId, token, startedAt, until, used, number, deadlineAt, since, params, generation, rq, rq2, tp
--       lacking: connectors whose destination this worker must find before it can take their handoffs
-- Twice with the same token and isRepeat: the same attempts, as far as they are still live. Without it, a second run
-- begins others.
--- @include shard
--- @include jobs
--- @include gate
--- @include contact-queue
--- @include waiting
--- @include cause
--- @include dead-letter-index
--- @include ending

-- How many gates one claim opens, how many delayed jobs it moves, and how many waiting ones it looks at: a few
-- milliseconds of Redis's time.
local MOST_GATES, MOST_DUE, MOST_LOOKED_AT = 32, 100, 96
-- Among how many gates whose moment came a claim looks for those that this worker did not leave to the others.
local MOST_SEEN = 256
-- When a gate is looked at again that is closed for a reason which ends without a word in this shard (pause), and a
-- handoff whose worker died while this one lacks its destination. Milliseconds.
local PAUSE_LOOK_MS, LACKING_LOOK_MS = 1000, 50
-- When a worker looks again at a gate that it left to the others, where nothing tells it earlier: at the next claim of
-- one that has nothing to do (BLOCK_MS of the claim loop). Milliseconds.
local LEFT_MS = 900
-- For how long `share` and `keys` are shown after a worker met them. Milliseconds.
local SHOWN_MS = 2000
-- A handoff that another version of Baton wrote is left to that version for so long at a time: a moment while it is
-- new, as during an upgrade, and longer once nobody has taken it for so long. Milliseconds.
local OTHER_VERSION_MS, UNTAKEN_MS, UNTAKEN_AFTER_MS = 100, 10000, 10000
local TABLE_KEPT_MS, CLAIM_KEPT_MS = 600000, 60000

local VALID_UNTIL, TOKEN, IS_REPEAT, TABLE = tonumber(ARGV[1]), ARGV[2], ARGV[3] == '1', P .. ':worker:' .. ARGV[5]
local IS_STOPPED, LOCK_MS, FENCE_MS, RANDOM, LIMIT = ARGV[6] == 'paused', ARGV[7], tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
local slots = tonumber(ARGV[4])
local claim_key = P .. ':claimed:' .. string.match(ARGV[5], '^[^.]*')

local function answer(record, token, params)
  return { record.id, record.cn, record.ct, token, int(record.att), int(record['until']), int(record.used), int(record.total), int(record.dl),
    int(since(record)), params or '', record.gen, record.rq or '', record.rq2 or '', record.tp or '' }
end

-- find_waiting gives of a handoff that never began, and may now, what that needs; every other one whole.
local function find_waiting(id)
  local v = call('HMGET', handoff_key(id), 'v', 'st', 'gen', 'due', 'dl', 'ls', 'cn', 'ct', 'rq', 'rq2', 'tp', 'rp', 'att')
  if v[2] ~= 'queued' or v[3] ~= '1' or v[13] or now > v[5] + 0 or not is_known(tonumber(v[1])) then return find(id) end
  return { id = id, st = 'queued', gen = '1', due = v[4] + 0, dl = v[5] + 0, ls = v[6] + 0, cn = v[7], ct = v[8], used = 0, total = 0, was = 0,
    rq = v[9] or nil, rq2 = v[10] or nil, tp = v[11] or nil, rp = filled(v[12]) }
end

local function repeated()
  local attempts = {}
  local token, ids = string.match(call('GET', claim_key) or '', '^(%S+) (.*)$')
  for id in string.gmatch(token == TOKEN and ids or '', '%S+') do
    local record = find(id)
    if record and record.st == 'sending' and string.sub(record.tok, 1, #TOKEN + 1) == TOKEN .. '.' then
      attempts[#attempts + 1] = answer(record, record.tok, call('GET', params_key(id)))
    end
  end
  return { 'claimed', '0', '0', attempts, {}, {} }
end

if IS_REPEAT then return repeated() end
if now > VALID_UNTIL then return { 'late' } end

-- What changed in this worker's destinations, and the gates that are to be looked at for it.
local looked_at, armed = {}, {}
local function look_at(connector)
  if looked_at[connector] then return end
  looked_at[connector] = true
  armed[#armed + 1] = connector
end
local destinations = 12
for i = 0, ARGV[11] - 1 do
  local connector, destination = ARGV[destinations + 2 * i], ARGV[destinations + 2 * i + 1]
  if destination == '' then call('HDEL', TABLE, connector) else call('HSET', TABLE, connector, destination) end
  look_at(connector)
end
if tonumber(ARGV[11]) > 0 then call('PEXPIRE', TABLE, TABLE_KEPT_MS) end
local free_slots = {}
for i = destinations + 2 * ARGV[11], #ARGV, 2 do
  free_slots[ARGV[i]] = tonumber(ARGV[i + 1])
  if free_slots[ARGV[i]] > 0 then look_at(ARGV[i]) end
end

-- Somebody paused the queue with a BullMQ tool.
if call('HEXISTS', HANDOFFS .. 'meta', 'paused') == 1 then return { 'claimed', '0', '0', {}, {}, {} } end

local lacking, lacks = {}, {}
local function lack(connector)
  if lacks[connector] then return end
  lacks[connector] = true
  lacking[#lacking + 1] = connector
end

-- What is read of connectors at once, before their gates are: what this worker knows of them, and whether they are armed.
local knowledge, armed_at = {}, {}
local function read_ahead(connectors)
  local unread = {}
  for _, connector in ipairs(connectors) do
    if knowledge[connector] == nil then
      knowledge[connector] = false
      unread[#unread + 1] = connector
    end
  end
  if #unread == 0 then return end
  local texts, scores = call('HMGET', TABLE, unpack(unread)), call('ZMSCORE', GATES, unpack(unread))
  for i, connector in ipairs(unread) do knowledge[connector], armed_at[connector] = texts[i], scores[i] end
end

-- find_destination reads what this worker knows of a gate's connector, but for how often it is tried.
local READY = '^ready|(%d+)|(%d+)|(%d)|([^|]*)|([^|]*)|%d+|%d+|%d+|(%d*)$'
local function find_destination(gate)
  local text = knowledge[gate.connector]
  if not text then return end
  local lasts_until, timeout_ms, is_at_most_once, per_second, burst, paused_until = string.match(text, READY)
  if lasts_until then
    if lasts_until + 0 <= now then return end
    gate.kind, gate.timeout_ms, gate.is_at_most_once = 'ready', timeout_ms + 0, is_at_most_once == '1'
    gate.per_second, gate.burst, gate.paused_until = tonumber(per_second), tonumber(burst), tonumber(paused_until)
    return
  end
  local kind, trouble_until, reason, status, detail = string.match(text, '^(%a+)|(%d+)|?([^|]*)|?([^|]*)|?(.*)$')
  if trouble_until + 0 <= now then return end
  gate.kind = kind
  if kind == 'refused' then gate.refusal = { reason = reason, httpStatus = tonumber(status), detail = detail } end
end

-- find_retry_policy gives how often a connector's handoffs are tried, and the least and longest wait; nil where nobody
-- here knows.
local function find_retry_policy(gate)
  local most, base_ms, cap_ms = string.match(knowledge[gate.connector] or '', '^ready|%d+|%d+|%d|[^|]*|[^|]*|(%d+)|(%d+)|(%d+)|')
  return tonumber(most), tonumber(base_ms), tonumber(cap_ms)
end

-- note_pause keeps the pause as this worker was told of it; when it is over, the bucket is empty.
local function note_pause(gate)
  if IS_STOPPED then gate.paused_until = math.huge end
  if gate.paused_until and gate.paused_until > now then
    gate.paused_until = math.min(gate.paused_until, now + PAUSE_LOOK_MS)
    change(gate, 'pause', int(now + 2 * PAUSE_LOOK_MS))
  elseif gate.pause then
    gate.pause, gate.paused_until = nil, nil
    clear(gate, 'pause')
    empty_reopened(gate)
  end
end

-- is_refused: a paused connector's handoffs do not die of its keys; a pause is the time to mend them.
local function is_refused(gate) return gate.kind == 'refused' and not (gate.paused_until and gate.paused_until > now) end

-- note_token closes the gate while nobody has a token, and asks for one where this worker alone lacks it.
local function note_token(gate)
  if gate.kind == 'ready' then
    if gate.token then clear(gate, 'token') end
    if gate.emptied then
      empty_reopened(gate)
      clear(gate, 'emptied')
    end
    gate.token, gate.emptied = nil, nil
    return
  end
  if gate.kind then return end
  local v = call('HMGET', P .. ':a:' .. gate.connector, 'access', 'expiresAt', 'lease', 'leaseUntil', 'retryAt')
  local lease_until, retry_at = tonumber(v[4] or nil) or 0, tonumber(v[5] or nil) or 0
  local is_there = v[1] and v[1] ~= '' and (tonumber(v[2] or nil) or 0) > now
  local waits_until = (v[3] and v[3] ~= '' and lease_until > now and lease_until) or (retry_at > now and retry_at)
  if is_there or not waits_until then
    if gate.token then clear(gate, 'token') end
    gate.token = nil
    lack(gate.connector)
    return
  end
  gate.token = waits_until
  change(gate, 'token', int(waits_until))
  if retry_at > now then change(gate, 'emptied', '1') end
end

local touched = {}
-- gate_here is the connector's gate as this worker may pass it.
local function gate_here(connector)
  local gate = gate_of(connector)
  if gate.is_read then return gate end
  gate.is_read = true
  touched[#touched + 1] = gate
  read_ahead({ connector })
  find_destination(gate)
  note_pause(gate)
  if gate.kind ~= 'refused' then note_token(gate) end
  gate.free = free_slots[connector] or LIMIT
  -- A connector with somebody parked is always armed.
  gate.is_armed = armed_at[connector] or armed_here[connector] or false
  gate.parked = gate.is_armed and call('ZCARD', parked_key(connector)) or 0
  if gate.spaced and not gate.per_second and gate.kind == 'ready' then
    if gate.parked > 0 then gate.per_second, gate.burst = 1000 / SPACED_MS, 1 else clear(gate, 'spaced') end
  end
  if gate.per_second then refill(gate, gate.per_second, gate.burst) end
  return gate
end

-- places gives how many of a connector's handoffs this worker may begin now.
local function places(gate)
  if gate.kind ~= 'ready' or closed_by(gate, gate.paused_until) then return 0 end
  local most = math.min(gate.free, gate.per_second and math.floor(gate.tokens + 0.00005) or gate.free)
  return is_probed(gate) and math.min(1, most) or most
end

local begun, jobs_begun = {}, {}
local function begin(record, gate)
  local token = TOKEN .. '.' .. #begun + 1
  local ends = math.min(now + gate.timeout_ms, record.dl)
  local has_waited = record.wk or record.total > record.was
  record.st, record.tok, record.att, record['until'], record.used, record.total = 'sending', token, now, ends, record.used + 1, record.total + 1
  call('HSET', handoff_key(record.id), 'st', 'sending', 'tok', token, 'att', NOW, 'until', int(ends), 'used', int(record.used),
    'total', int(record.total))
  if gate.is_at_most_once or record.amo or record.wk then set(record, 'amo', gate.is_at_most_once and '1' or '', 'wk', '') end
  stand_first(record)
  gather('ZREM', queued_key(record.cn), record.id)
  gather('ZREM', deadlines_key(record.cn), record.id)
  if has_waited then gather('ZREM', retries_key(record.cn), record.id) end
  gather('ZADD', SENDING, int(ends), sending_member(record))
  gather('ZADD', DUE, int(ends + FENCE_MS), record.id)
  if gate.per_second then
    gate.tokens, gate.is_spent = gate.tokens - 1, true
  end
  if is_probed(gate) then
    gate.probe, gate.probe_until = token, ends + FENCE_MS
    change(gate, 'pt', token)
    change(gate, 'pu', int(gate.probe_until))
  end
  gate.free, slots = gate.free - 1, slots - 1
  local job = job_of(record)
  gather('LPUSH', ACTIVE, job)
  call('SET', lock_of(job), TOKEN, 'PX', LOCK_MS)
  begun[#begun + 1] = record
end

-- die_refused ends a handoff whose connector's keys or address are refused, or whose connector is no more.
local function die_refused(record, gate)
  record = find(record.id)
  remove_job(job_of(record))
  die_unattended(record, gate.refusal.reason, { httpStatus = gate.refusal.httpStatus, detail = gate.refusal.detail })
end

-- take_parked looks at the next of a connector's queue. Gives whether it was begun.
local function take_parked(gate, id, from)
  local done, record, other_version = pcall(find_waiting, id)
  if other_version then
    -- Behind all that this worker may take, and looked at again like any trouble of its own.
    call('ZADD', from, int(now + UNTAKEN_MS), id)
    gate.has_other_version = true
    return false
  end
  gather('ZREM', from, id)
  if from == parked_key(gate.connector) then gate.parked = gate.parked - 1 end
  -- One that cannot be read is in nobody's way.
  if not done then error(record, 0) end
  if not record or record.st ~= 'queued' then return false end
  -- The clock stepped back since it was parked: it waits for its moment once more.
  if record.due > now then
    wait_until_due(record)
    return false
  end
  if expire(record, FENCE_MS) then return false end
  if is_refused(gate) then
    die_refused(record, gate)
    return false
  end
  -- Its job lies at its deadline: there it stays until the one before it leaves.
  if not is_next(record) then return false end
  call('ZREM', DELAYED, job_of(record))
  begin(record, gate)
  return true
end

-- at_gate does one step for one connector. Should that fail, its gate is looked at later, and the others go on.
local function at_gate(connector, step, ...)
  local count = #faults
  local result = each(connector, step, ...)
  if #faults > count then call('ZADD', GATES, 'XX', int(now + PAUSE_LOOK_MS), connector) end
  return result
end

-- find_queue gives what a connector's gate lets go now, at most `quota`.
local function find_queue(connector, quota)
  local gate = gate_here(connector)
  local most = is_refused(gate) and MOST_LOOKED_AT or math.min(quota, places(gate))
  if most < 1 then return nil end
  local key = gate.parked > 0 and parked_key(connector) or parked_replays_key(connector)
  local ids = call('ZRANGE', key, 0, most - 1)
  return #ids > 0 and { gate = gate, key = key, ids = ids, at = 0 } or nil
end

-- left_field names the field of this worker's table that says until when it leaves a gate to the others; woken_field
-- the one that says until when it wakes none of them for a gate.
local function left_field(connector) return 'left ' .. connector end
local function woken_field(connector) return 'woken ' .. connector end

-- leave_to_others keeps a gate open for the other workers which this one cannot pass for a reason of its own, and wakes
-- one of them. Its own trouble ends with a claim that names the connector, but for what it lacks: that may turn out to
-- be lacking for all.
local function leave_to_others(gate, trouble)
  local field = trouble == '' and woken_field(gate.connector) or left_field(gate.connector)
  if (tonumber(call('HGET', TABLE, field) or nil) or 0) > now then return end
  call('HSET', TABLE, field, int(now + LEFT_MS))
  call('PEXPIRE', TABLE, TABLE_KEPT_MS)
  wake_at(now)
end

-- look_at_due looks at the gates whose moment came and that this worker did not leave to the others. Gives whether there
-- are more.
local function look_at_due()
  local due = call('ZRANGEBYSCORE', GATES, '-inf', NOW, 'LIMIT', 0, MOST_SEEN)
  if #due == 0 then return false end
  local fields = {}
  for i, connector in ipairs(due) do fields[i] = left_field(connector) end
  local count = #armed
  for i, left_until in ipairs(call('HMGET', TABLE, unpack(fields))) do
    if (tonumber(left_until or nil) or 0) <= now then
      if #armed - count == MOST_GATES then return true end
      look_at(due[i])
    end
  end
  return false
end

-- open_gates takes from the connectors' queues, one handoff of each in turn; half of the slots stay for those that
-- wait.
local function open_gates()
  local has_more_gates = look_at_due()
  if #armed == 0 then return false end
  local quota = call('LLEN', WAIT) > 0 and math.ceil(slots / 2) or slots
  local queues = {}
  read_ahead(armed)
  for _, connector in ipairs(armed) do queues[#queues + 1] = at_gate(connector, find_queue, connector, quota) end
  local is_moving = true
  while is_moving and quota > 0 do
    is_moving = false
    for _, queue in ipairs(queues) do
      local can_go = is_refused(queue.gate) or places(queue.gate) > 0
      if queue.at < #queue.ids and quota > 0 and can_go then
        queue.at = queue.at + 1
        is_moving = true
        if each(queue.ids[queue.at], take_parked, queue.gate, queue.ids[queue.at], queue.key) then quota = quota - 1 end
      end
    end
  end
  return has_more_gates
end

-- resume_lost goes on with a handoff whose worker died. Gives whether it is queued and due.
local function resume_lost(record, job)
  local fenced_until = record['until'] + FENCE_MS
  local gate = now > fenced_until and gate_here(record.cn)
  if not gate or (gate.kind ~= 'ready' and gate.kind ~= 'refused' and now <= record.dl) then
    postpone(job, gate and now + LACKING_LOOK_MS or fenced_until + 1)
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

-- own_trouble gives why this worker alone cannot pass an open gate: share, keys, or '' for one that is not shown.
local function own_trouble(gate)
  if gate.kind == 'ready' and gate.free < 1 then return 'share' end
  if gate.kind == 'keys' then return 'keys' end
  return (not gate.kind or gate.has_other_version) and ''
end

-- The next moment of a gate that this worker may pass.
local gate_at

-- rearm sets when a gate is looked at next, if anybody is parked behind it.
local function rearm(gate)
  local connector = gate.connector
  if gate.is_spent then write_bucket(gate) end
  if not gate.is_armed then return end
  if call('EXISTS', parked_key(connector), parked_replays_key(connector)) == 0 then
    call('ZREM', GATES, connector)
    if gate.spaced then clear(gate, 'spaced') end
    return
  end
  local _, at = closed_by(gate, gate.paused_until)
  -- A pause is looked at each second, also where another reason lasts longer: it ends without a word here, and is what
  -- is shown.
  if gate.paused_until and gate.paused_until > now then at = gate.paused_until end
  if not at and gate.kind == 'ready' and gate.per_second and gate.tokens < 0.99995 then
    at = math.max(now, gate.counted_at) + math.ceil((1 - gate.tokens) * 1000 / gate.per_second)
    change(gate, 'rate', int(at))
  end
  call('ZADD', GATES, int(at or now), connector)
  if at then return end
  local trouble = own_trouble(gate)
  if not trouble then
    gate_at = now
    return
  end
  if trouble ~= '' then change(gate, trouble, int(now + SHOWN_MS)) end
  leave_to_others(gate, trouble)
end

-- Everything goes on: no gate is to wait for its next look.
if ARGV[6] == 'resumed' then call('ZUNIONSTORE', GATES, 1, GATES, 'WEIGHTS', 0) end
local has_more = move_due()
if open_gates() then gate_at = now end
has_more = take_waiting() or has_more
flush()
for _, gate in ipairs(touched) do at_gate(gate.connector, rearm, gate) end
write_gates()

local params = {}
if #begun > 0 then
  local keys, ids = {}, {}
  for i, record in ipairs(begun) do
    keys[i], ids[i] = params_key(record.id), record.id
  end
  params = call('MGET', unpack(keys))
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
for i, record in ipairs(begun) do attempts[i] = answer(record, record.tok, params[i]) end
local next_at = math.min(gate_at or math.huge, delayed_at or math.huge)
return { 'claimed', next_at < math.huge and int(next_at) or '0', has_more and '1' or '0', attempts, lacking, faults }
