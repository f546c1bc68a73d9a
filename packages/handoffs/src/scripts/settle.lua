#!lua flags=allow-oom
-- settle applies the results of attempts, each only to the record that holds its attempt token, and moves their jobs.
--
-- ARGV:      of the breaker: minRequests, failureRatio, windowMs, openMs, maxOpenMs; then fenceMs;
--            then for each attempt (flags are 1 or 0):
--            id, token,
--            verdict (delivered | retry | dead | abandon: nothing was sent, so the attempt does not count),
--            reason, waitMs, waitingFor (retry | token | keys), isCounted, throttleMs ('' for none),
--            hasFailed, isUncertain, isSent, isUnsent, logEntry (JSON, '' for none),
--            statsHour, statsMinute, statsBucket
-- replies:   for each:
--            settled, status, reason, delayMs, isDuplicate (0|1), cause, endedAt
--            gone                   there is no such handoff
--            stale                  the attempt was declared interrupted meanwhile
--            failed, message
-- Run again: with the same token, replies the same state, and counts nothing twice.
--- @include breaker-and-throttle
--- @include handoff-endings

local FIELDS, HEAD = 16, 6
local LIMITS = { minRequests = tonumber(ARGV[1]), failureRatio = tonumber(ARGV[2]), windowMs = tonumber(ARGV[3]),
  openMs = tonumber(ARGV[4]), maxOpenMs = tonumber(ARGV[5]) }

local function format_settled_reply(record, is_duplicate)
  local delay = record.st == 'queued' and math.max(0, record.due - now) or 0
  return { 'settled', record.st, record.why or '', format_int(delay), is_duplicate and '1' or '0', record.cause or '',
    format_int(record['end'] or 0) }
end

-- Deliveries of this script: counts by key and field.
local deliveries = {}
local function add_to_delivery_count(key, field)
  local fields = deliveries[key]
  if not fields then
    fields = {}
    deliveries[key] = fields
  end
  fields[field] = (fields[field] or 0) + 1
end

local function count_delivery_and_latency(record, attempt)
  local hour, minute, bucket = attempt.stats_hour, attempt.stats_minute, attempt.stats_bucket
  local stats = P .. ':deliveries:' .. record.cn .. ':' .. hour
  add_to_delivery_count(stats, 'd' .. minute)
  add_to_delivery_count(stats, format('l%d:%s', math.floor(minute / 10), bucket))
  local latency = 'l' .. minute .. ':' .. bucket
  add_to_delivery_count(minute_counts_key(record.cn, hour), latency)
  add_to_delivery_count(minute_counts_key('*', hour), latency)
end

local function write_delivery_counts()
  for stats, fields in pairs(deliveries) do
    local is_first = false
    for field, more in pairs(fields) do
      if call('HINCRBY', stats, field, format_int(more)) == more then is_first = true end
    end
    if is_first then call('EXPIRE', stats, MINUTES_KEPT_S) end
  end
end

-- queue_next_attempt queues a handoff for its next attempt at `at`; it keeps its position in its contact's queue.
-- `waits_for` is the reason to show until then; '' where the attempts already show a retry.
local function queue_next_attempt(record, at, waits_for, ...)
  set_record_fields(record, 'st', 'queued', 'tok', '', 'due', format_int(at), 'wk', waits_for, ...)
  gather_write('ZREM', SENDING, sending_member(record))
  add_to_queued_index(record)
  rejoin_contact_queue(record)
  local job = job_id_of(record)
  take_job_from_worker(job)
  if at <= now then
    park_at_gate(record)
    schedule_gate_check_now(record.cn)
  else
    add_to_retries_index(record)
    gather_write('ZADD', DUE, format_int(at), record.id)
    delay_job(job, at)
  end
end

local function apply_attempt_result(record, attempt, is_duplicate)
  local token, may = attempt.token, (attempt.is_uncertain or record.may == '1') and '1' or ''
  local dup = (is_duplicate or record.dup == '1') and '1' or ''
  local at = attempt.verdict == 'retry' and now + attempt.wait_ms
  if attempt.verdict == 'delivered' then
    count_delivery_and_latency(record, attempt)
    change_gate_field(gate_of_connector(record.cn), 'delivered', NOW)
    end_as_delivered_or_cancelled(record, 'delivered', 'settled', token, 'may', may, 'dup', dup)
    delete_job_of_worker(job_id_of(record))
  elseif at and at <= record.dl then
    if attempt.waiting_for == 'token' then at = now end
    local used = record.used - (attempt.is_counted and 0 or 1)
    queue_next_attempt(record, at, '', 'settled', token, 'may', may, 'dup', dup, 'used', format_int(used))
  else
    local reason = at and 'expired' or attempt.reason
    local failure = attempt.log_entry ~= '' and cjson.decode(attempt.log_entry) or {}
    end_as_dead_letter(record, reason, failure, 'settled', token, 'may', may, 'dup', dup)
    delete_job_of_worker(job_id_of(record))
  end
end

-- find_record_for_settle reads only the fields that a delivery at the first attempt needs; for any other result, the
-- whole record. A handoff that may have arrived before its first attempt is restored from a backup
-- (mark-handoffs-restored-from-backup.lua).
local function find_record_for_settle(attempt)
  if attempt.verdict ~= 'delivered' then return find_record(attempt.id) end
  local v = call('HMGET', handoff_key(attempt.id), 'v', 'st', 'cn', 'ct', 'gen', 'total', 'tok', 'wt', 'rp', 'may')
  local is_first = v[2] == 'sending' and v[6] == '1' and v[7] == attempt.token and not nil_if_empty(v[10])
  if not is_first or not is_supported_schema(tonumber(v[1])) then return find_record(attempt.id) end
  return { id = attempt.id, st = 'sending', cn = v[3], ct = v[4], gen = v[5], total = 1, tok = v[7],
    wt = nil_if_empty(v[8]), rp = nil_if_empty(v[9]) }
end

local function settle_attempt(attempt)
  local record = find_record_for_settle(attempt)
  if not record then return { 'gone' } end
  if record.settled == attempt.token then return format_settled_reply(record) end
  if record.st ~= 'sending' or record.tok ~= attempt.token then return { 'stale' } end

  local gate = gate_of_connector(record.cn)
  local answer = { token = attempt.token, has_failed = attempt.has_failed,
    is_accepted = attempt.verdict == 'delivered', is_unsent = attempt.is_unsent }
  local is_probe = apply_answer_to_gate(gate, answer, LIMITS)
  if attempt.throttle_ms then begin_throttle(gate, attempt.throttle_ms) end
  if is_probe then schedule_gate_check_if_parked(record.cn) end

  if attempt.verdict == 'abandon' then
    local at = math.min(now + attempt.wait_ms, record.dl + 1)
    if attempt.waiting_for == 'keys' then change_gate_field(gate, 'lacking', format_int(at)) end
    queue_next_attempt(record, at, attempt.waiting_for, 'settled', attempt.token, 'used', format_int(record.used - 1),
      'total', format_int(record.total - 1))
    return format_settled_reply(record)
  end
  if attempt.log_entry ~= '' then call('RPUSH', attempt_log_key(record.id), attempt.log_entry) end
  local is_duplicate = attempt.is_sent and record.may == '1'
  apply_attempt_result(record, attempt, is_duplicate)
  return format_settled_reply(record, is_duplicate)
end

local replies = {}
formerly_first = {}
for i = 0, (#ARGV - HEAD) / FIELDS - 1 do
  local a = HEAD + i * FIELDS
  local attempt = { id = ARGV[a + 1], token = ARGV[a + 2], verdict = ARGV[a + 3], reason = ARGV[a + 4],
    wait_ms = tonumber(ARGV[a + 5]), waiting_for = ARGV[a + 6], is_counted = ARGV[a + 7] == '1',
    throttle_ms = tonumber(ARGV[a + 8]), has_failed = ARGV[a + 9] == '1', is_uncertain = ARGV[a + 10] == '1',
    is_sent = ARGV[a + 11] == '1', is_unsent = ARGV[a + 12] == '1', log_entry = ARGV[a + 13],
    stats_hour = ARGV[a + 14], stats_minute = ARGV[a + 15], stats_bucket = ARGV[a + 16] }
  local count = #faults
  replies[i + 1] = run_or_record_fault(attempt.id, settle_attempt, attempt) or { 'failed', faults[count + 1] }
end
advance_contact_queues_of_formerly_first()
write_delivery_counts()
write_all_gate_changes()
flush_gathered_writes()
wake_workers_by_marker()
return replies
