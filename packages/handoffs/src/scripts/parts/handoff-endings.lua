--- @include reason-to-wait
--- @include dead-letter-cause-fingerprint
--- @include dead-letter-index
--- @include minute-counts
-- How a handoff ends. Each function may run once for an ending: callers check the state first. The caller removes
-- the job: with `delete_job_of_worker` where a worker has it, else with `remove_job`.

-- remove_from_live_indexes removes a handoff from every list of live ones.
local function remove_from_live_indexes(record)
  gather_write('ZREM', DUE, record.id)
  if record.st == 'sending' then
    gather_write('ZREM', SENDING, sending_member(record))
  else
    gather_write('ZREM', queued_key_of_handoff(record), record.id)
    gather_write('ZREM', deadlines_key(record.cn), record.id)
    gather_write('ZREM', retries_key(record.cn), record.id)
    gather_write('ZREM', parked_key_of_handoff(record), record.id)
  end
  leave_contact_queue(record)
end

-- publish_end publishes the end where a request waits for it.
local function publish_end(record)
  if record.wt then call('PUBLISH', P .. ':ended:' .. record.id, '') end
end

-- record_run_result stores how an item of a run ended, while the run is kept. `result` is the result and the reason
-- (parts/run-keys-and-results.lua). The last fifty results decide whether the run goes on.
local function record_run_result(record, result)
  local run, position = string.match(record.rp, '^(%w+)%.(%d+)$')
  local key = P .. ':run:' .. run
  if call('EXISTS', key) == 0 then return end
  call('SETRANGE', key .. ':r:' .. record.cn, position * 15, result .. NOW)
  call('HINCRBY', key, 'outstanding:' .. record.cn, -1)
  if result == 'sk' then
    call('HINCRBY', key, 'replayed', -1)
    call('HINCRBY', key, 'skip:cancelled', 1)
    return
  end
  call('HINCRBY', key, result == 'd-' and 'delivered' or 'died', 1)
  call('HSET', key, 'last', string.sub((call('HGET', key, 'last') or '') .. NOW .. result, -750))
end

-- delete_params deletes parameters that are not sent again.
local function delete_params(id) gather_write('UNLINK', '', params_key(id)) end

-- end_as_delivered_or_cancelled ends a handoff as delivered or cancelled, and writes further fields with it.
local function end_as_delivered_or_cancelled(record, status, ...)
  remove_from_live_indexes(record)
  delete_params(record.id)
  if record.rp then record_run_result(record, status == 'delivered' and 'd-' or 'sk') end
  set_record_fields(record, 'st', status, 'end', NOW, 'rp', '', ...)
  gather_write('ZADD', P .. ':ended', NOW, record.id)
  publish_end(record)
end

-- queue_event_for_workers adds an event that no worker's answer reports (UnreportedEvent): the workers count and log
-- it.
local function queue_event_for_workers(record, entry)
  entry.id, entry.connectorId = record.id, record.cn
  entry.requestId, entry.traceparent = record.rq and record.rq .. (record.rq2 or ''), record.tp
  gather_write('RPUSH', P .. ':notes', cjson.encode(entry))
end

-- end_as_dead_letter makes a handoff a dead letter, and writes further fields with it. `failure` says why:
-- {httpStatus?, detail?, waitingFor?}.
local function end_as_dead_letter(record, reason, failure, ...)
  remove_from_live_indexes(record)
  if record.rp then record_run_result(record, 'x-') end
  local cause = find_or_create_cause(record, reason, failure)
  set_record_fields(record, 'st', 'dead', 'why', reason, 'cause', cause, 'end', NOW, 'rp', '', ...)
  index_dead_letter(record)
  add_dead_letter_job(record, reason)
  add_to_minute_count_and_total(record.cn, 'x', 1)
  if reason == 'expired' then add_to_minute_count_and_total(record.cn, 'e', 1) end
  publish_end(record)
end

-- read_last_failure returns the last entry of the attempt log, unless the handoff was replayed since.
local function read_last_failure(record)
  local line = record.total > record.was and call('LINDEX', attempt_log_key(record.id), -1)
  return line and cjson.decode(line) or {}
end

-- end_as_dead_letter_and_report ends a handoff that no settle ends, and reports that to the workers.
local function end_as_dead_letter_and_report(record, reason, failure)
  end_as_dead_letter(record, reason, failure)
  queue_event_for_workers(record, { kind = 'died', reason = reason, cause = record.cause, attempts = record.total,
    diedAt = now })
end

-- end_as_expired ends a queued handoff past its deadline. What it waited for last is part of the cause.
local function end_as_expired(record)
  local failure = read_last_failure(record)
  failure.waitingFor = reason_to_wait(record) or record.wk
  end_as_dead_letter_and_report(record, 'expired', failure)
end

-- record_interrupted_attempt records that an attempt's worker died: whether the signal arrived is unknown. It returns
-- whether the handoff died of it. Otherwise the handoff is queued, and the caller sets its next moment.
local function record_interrupted_attempt(record, max_attempts)
  queue_event_for_workers(record, { kind = 'interrupted', duplicate = record.may == '1' })
  local entry = { number = record.total, startedAt = record.att, outcome = 'interrupted' }
  call('RPUSH', attempt_log_key(record.id), cjson.encode(entry))
  gather_write('ZREM', SENDING, sending_member(record))
  local duplicate = (record.may == '1' or record.dup == '1') and '1' or ''
  set_record_fields(record, 'st', 'queued', 'tok', '', 'settled', '', 'dup', duplicate, 'may', '1')
  add_to_queued_index(record)
  rejoin_contact_queue(record)
  local reason = (record.amo == '1' and 'unknown') or (record.used >= max_attempts and 'exhausted') or nil
  if not reason then return false end
  end_as_dead_letter_and_report(record, reason, { outcome = 'interrupted' })
  return true
end

-- expire_if_overdue ends a handoff past its deadline, with its job, and returns whether it did. A handoff that is being
-- sent is left to its worker until that worker can no longer be alive.
local function expire_if_overdue(record, fence_ms)
  if now <= record.dl then return false end
  if record.st == 'sending' then
    if now <= record['until'] + fence_ms then return false end
    remove_job(job_id_of(record))
    if not record_interrupted_attempt(record, math.huge) then end_as_expired(record) end
    return true
  end
  if record.st ~= 'queued' then return false end
  remove_job(job_id_of(record))
  end_as_expired(record)
  return true
end
