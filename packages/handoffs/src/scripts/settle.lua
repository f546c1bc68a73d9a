#!lua flags=allow-oom
-- settle applies what became of attempts, each only for its own attempt token, and moves their jobs.
--
-- ARGV: minRequests, failureRatio, windowMs, openMs, maxOpenMs (of the breaker), fenceMs, then for each attempt: id,
-- token,
--       verdict (delivered | retry | dead | abandon: nothing was sent, the attempt does not count), reason, waitMs,
--         waitingFor (retry | token | keys),
--       isCounted, throttleMs ('' for none), hasFailed, isUncertain, isSent, isUnsent, logEntry (JSON, '' for none),
--         statsHour, statsMinute, statsBucket
--       Flags are 1 or 0.
-- replies: for each: gone · stale (it was declared interrupted meanwhile) · failed, message
--                    settled, status, reason, delayMs, isDuplicate (0|1), cause, endedAt
-- Twice with the same token: the same state again, nothing counted twice.
--- @include shard
--- @include jobs
--- @include gate
--- @include breaker
--- @include contact-queue
--- @include waiting
--- @include cause
--- @include dead-letter-index
--- @include minutes
--- @include ending

local FIELDS, HEAD = 16, 6
local LIMITS = { minRequests = tonumber(ARGV[1]), failureRatio = tonumber(ARGV[2]), windowMs = tonumber(ARGV[3]),
  openMs = tonumber(ARGV[4]),
  maxOpenMs = tonumber(ARGV[5]) }

local function settled(record, is_duplicate)
  local delay = record.st == 'queued' and math.max(0, record.due - now) or 0
  return { 'settled', record.st, record.why or '', int(delay), is_duplicate and '1' or '0', record.cause or '', int(record['end'] or 0) }
end

-- Deliveries of this script: counts by key and field.
local deliveries = {}
local function add_delivery(key, field)
  local fields = deliveries[key]
  if not fields then
    fields = {}
    deliveries[key] = fields
  end
  fields[field] = (fields[field] or 0) + 1
end

local function count_delivery(record, attempt)
  local hour, minute, bucket = attempt.stats_hour, attempt.stats_minute, attempt.stats_bucket
  local stats = P .. ':st:' .. record.cn .. ':' .. hour
  add_delivery(stats, 'd' .. minute)
  add_delivery(stats, format('l%d:%s', math.floor(minute / 10), bucket))
  local latency = 'l' .. minute .. ':' .. bucket
  add_delivery(minutes_key(record.cn, hour), latency)
  add_delivery(minutes_key('*', hour), latency)
end

local function write_deliveries()
  for stats, fields in pairs(deliveries) do
    local is_first = false
    for field, more in pairs(fields) do
      if call('HINCRBY', stats, field, int(more)) == more then is_first = true end
    end
    if is_first then call('EXPIRE', stats, MINUTES_KEPT_S) end
  end
end

-- wait_again queues a handoff for its next attempt at `at`; it keeps its place in its contact's queue. `waits_for` is
-- shown until then where its attempts do not tell.
local function wait_again(record, at, waits_for, ...)
  set(record, 'st', 'queued', 'tok', '', 'due', int(at), 'wk', waits_for, ...)
  gather('ZREM', SENDING, sending_member(record))
  if not record.rp then
    call('ZADD', queued_key(record.cn), int(since(record)), record.id)
    call('ZADD', deadlines_key(record.cn), int(record.dl), record.id)
  end
  join_contact_queue(record)
  local job = job_of(record)
  take_from_worker(job)
  if at <= now then
    park(record)
    arm(record.cn)
  else
    if not record.rp then call('ZADD', retries_key(record.cn), int(at), record.id) end
    gather('ZADD', DUE, int(at), record.id)
    postpone(job, at)
  end
end

local function finish_attempt(record, attempt, is_duplicate)
  local token, may = attempt.token, (attempt.is_uncertain or record.may == '1') and '1' or ''
  local dup = (is_duplicate or record.dup == '1') and '1' or ''
  local at = attempt.verdict == 'retry' and now + attempt.wait_ms
  if attempt.verdict == 'delivered' then
    count_delivery(record, attempt)
    change(gate_of(record.cn), 'delivered', NOW)
    finish(record, 'delivered', 'settled', token, 'may', may, 'dup', dup)
    finish_job(job_of(record))
  elseif at and at <= record.dl then
    if attempt.waiting_for == 'token' then at = now end
    wait_again(record, at, '', 'settled', token, 'may', may, 'dup', dup, 'used', int(record.used - (attempt.is_counted and 0 or 1)))
  else
    local reason = at and 'expired' or attempt.reason
    die(record, reason, attempt.log_entry ~= '' and cjson.decode(attempt.log_entry) or {}, 'settled', token, 'may', may, 'dup', dup)
    finish_job(job_of(record))
  end
end

-- find_sent gives of a handoff that is delivered at its first attempt what that needs, and every other one whole: one
-- that may have arrived before its first attempt comes from a backup (mark-restored.lua).
local function find_sent(attempt)
  if attempt.verdict ~= 'delivered' then return find(attempt.id) end
  local v = call('HMGET', handoff_key(attempt.id), 'v', 'st', 'cn', 'ct', 'gen', 'total', 'tok', 'wt', 'rp', 'may')
  local is_first = v[2] == 'sending' and v[6] == '1' and v[7] == attempt.token and not filled(v[10])
  if not is_first or not is_known(tonumber(v[1])) then return find(attempt.id) end
  return { id = attempt.id, st = 'sending', cn = v[3], ct = v[4], gen = v[5], total = 1, tok = v[7], wt = filled(v[8]), rp = filled(v[9]) }
end

local function settle(attempt)
  local record = find_sent(attempt)
  if not record then return { 'gone' } end
  if record.settled == attempt.token then return settled(record) end
  if record.st ~= 'sending' or record.tok ~= attempt.token then return { 'stale' } end

  local gate = gate_of(record.cn)
  local is_probe = learn(gate, { token = attempt.token, has_failed = attempt.has_failed, is_accepted = attempt.verdict == 'delivered',
    is_unsent = attempt.is_unsent }, LIMITS)
  if attempt.throttle_ms then throttle(gate, attempt.throttle_ms) end
  if is_probe then arm_if_parked(record.cn) end

  if attempt.verdict == 'abandon' then
    local at = math.min(now + attempt.wait_ms, record.dl + 1)
    if attempt.waiting_for == 'keys' then change(gate, 'lacking', int(at)) end
    wait_again(record, at, attempt.waiting_for, 'settled', attempt.token, 'used', int(record.used - 1),
      'total', int(record.total - 1))
    return settled(record)
  end
  if attempt.log_entry ~= '' then call('RPUSH', attempt_log_key(record.id), attempt.log_entry) end
  local is_duplicate = attempt.is_sent and record.may == '1'
  finish_attempt(record, attempt, is_duplicate)
  return settled(record, is_duplicate)
end

local replies = {}
left = {}
for i = 0, (#ARGV - HEAD) / FIELDS - 1 do
  local a = HEAD + i * FIELDS
  local attempt = { id = ARGV[a + 1], token = ARGV[a + 2], verdict = ARGV[a + 3], reason = ARGV[a + 4],
    wait_ms = tonumber(ARGV[a + 5]),
    waiting_for = ARGV[a + 6], is_counted = ARGV[a + 7] == '1', throttle_ms = tonumber(ARGV[a + 8]), has_failed = ARGV[a + 9] == '1',
    is_uncertain = ARGV[a + 10] == '1', is_sent = ARGV[a + 11] == '1', is_unsent = ARGV[a + 12] == '1', log_entry = ARGV[a + 13],
    stats_hour = ARGV[a + 14], stats_minute = ARGV[a + 15], stats_bucket = ARGV[a + 16] }
  local count = #faults
  replies[i + 1] = each(attempt.id, settle, attempt) or { 'failed', faults[count + 1] }
end
let_next_ones_go()
write_deliveries()
write_gates()
flush()
set_marker()
return replies
