-- How a handoff ends. Each ending may be asked for once only: callers look at the state first. Its job is the caller's,
-- who knows whether a worker has it in hand: `finish_job`, else `remove_job`.

-- leave_live takes a handoff out of everything that holds live ones.
local function leave_live(record)
  gather('ZREM', DUE, record.id)
  if record.st == 'sending' then
    gather('ZREM', SENDING, sending_member(record))
  else
    gather('ZREM', queued_key(record.cn), record.id)
    gather('ZREM', deadlines_key(record.cn), record.id)
    gather('ZREM', retries_key(record.cn), record.id)
    gather('ZREM', parking_of(record), record.id)
  end
  leave_contact_queue(record)
end

-- announce tells of the end where somebody waits for it.
local function announce(record)
  if record.wt then call('PUBLISH', P .. ':ended:' .. record.id, '') end
end

-- tell_run notes how an item of a run ended, where that is still kept: `result` begins its slot (parts/runs.lua), and
-- the fifty that ended last say whether the run should go on.
local function tell_run(record, result)
  local run, place = string.match(record.rp, '^(%w+)%.(%d+)$')
  local key = P .. ':run:' .. run
  if call('EXISTS', key) == 0 then return end
  call('SETRANGE', key .. ':r:' .. record.cn, place * 15, result .. NOW)
  call('HINCRBY', key, 'outstanding:' .. record.cn, -1)
  if result == 'sk' then
    call('HINCRBY', key, 'replayed', -1)
    call('HINCRBY', key, 'skip:cancelled', 1)
    return
  end
  call('HINCRBY', key, result == 'd-' and 'delivered' or 'died', 1)
  call('HSET', key, 'last', string.sub((call('HGET', key, 'last') or '') .. NOW .. result, -750))
end

-- forget_params removes what will not be sent again.
local function forget_params(id) gather('UNLINK', '', params_key(id)) end

-- finish ends a handoff as delivered or cancelled; further fields are written with it.
local function finish(record, status, ...)
  leave_live(record)
  forget_params(record.id)
  if record.rp then tell_run(record, status == 'delivered' and 'd-' or 'sk') end
  set(record, 'st', status, 'end', NOW, 'rp', '', ...)
  gather('ZADD', P .. ':ended', NOW, record.id)
  announce(record)
end

-- note leaves word for the workers of what nobody's answer tells: they count it, and write a line.
local function note(record, entry)
  entry.id, entry.connectorId = record.id, record.cn
  entry.requestId, entry.traceparent = record.rq and record.rq .. (record.rq2 or ''), record.tp
  gather('RPUSH', P .. ':notes', cjson.encode(entry))
end

-- die makes a handoff a dead letter; further fields are written with it. `failure` is what it died of: {httpStatus?,
-- detail?, waitingFor?}.
local function die(record, reason, failure, ...)
  leave_live(record)
  if record.rp then tell_run(record, 'x-') end
  local cause = cause_of(record, reason, failure)
  set(record, 'st', 'dead', 'why', reason, 'cause', cause, 'end', NOW, 'rp', '', ...)
  index_dead(record)
  add_dead_letter(record, reason)
  count_minute(record.cn, 'x', 1)
  if reason == 'expired' then count_minute(record.cn, 'e', 1) end
  announce(record)
end

-- last_failure gives the last line of the attempt log, if it is of this life: one that was replayed begins anew.
local function last_failure(record)
  local line = record.total > record.was and call('LINDEX', attempt_log_key(record.id), -1)
  return line and cjson.decode(line) or {}
end

-- die_unattended is a death that no settle tells of: the workers are left a note.
local function die_unattended(record, reason, failure)
  die(record, reason, failure)
  note(record, { kind = 'died', reason = reason, cause = record.cause, attempts = record.total, diedAt = now })
end

-- die_expired ends a queued handoff whose time is up. What it waited for last is part of the cause.
local function die_expired(record)
  local failure = last_failure(record)
  failure.waitingFor = waiting_for(record)
  die_unattended(record, 'expired', failure)
end

-- interrupt writes down an attempt whose worker died: nobody knows whether the signal arrived. Gives whether the
-- handoff died of it; else it is queued, and its next moment is the caller's to set.
local function interrupt(record, max_attempts)
  note(record, { kind = 'interrupted', duplicate = record.may == '1' })
  call('RPUSH', attempt_log_key(record.id), cjson.encode({ number = record.total, startedAt = record.att, outcome = 'interrupted' }))
  gather('ZREM', SENDING, sending_member(record))
  local duplicate = (record.may == '1' or record.dup == '1') and '1' or ''
  set(record, 'st', 'queued', 'tok', '', 'settled', '', 'dup', duplicate, 'may', '1')
  if not record.rp then
    call('ZADD', queued_key(record.cn), int(since(record)), record.id)
    call('ZADD', deadlines_key(record.cn), int(record.dl), record.id)
  end
  join_contact_queue(record)
  local reason = (record.amo == '1' and 'unknown') or (record.used >= max_attempts and 'exhausted') or nil
  if not reason then return false end
  die_unattended(record, reason, { outcome = 'interrupted' })
  return true
end

-- expire ends a handoff whose time is up, whoever notices first, with its job. Gives whether it did. One that is being
-- sent is left to its worker until that can no longer be alive.
local function expire(record, fence_ms)
  if now <= record.dl then return false end
  if record.st == 'sending' then
    if now <= record['until'] + fence_ms then return false end
    remove_job(job_of(record))
    if not interrupt(record, math.huge) then die_expired(record) end
    return true
  end
  if record.st ~= 'queued' then return false end
  remove_job(job_of(record))
  die_expired(record)
  return true
end
