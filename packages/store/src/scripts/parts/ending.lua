-- How a handoff ends. Each ending may be asked for once only: callers look at the state first.

-- What a record holds only while it is alive; ended ones are kept for long.
local ALIVE = { 'due', 'res', 'nonce', 'att', 'until', 'amo' }

-- leave_live takes a handoff out of everything that holds live ones; gives the job to promote, if somebody waited behind it.
local function leave_live(record)
  redis.call('HDEL', handoff_key(record.id), unpack(ALIVE))
  for _, name in ipairs(ALIVE) do record[name] = nil end
  redis.call('ZREM', P .. ':due', record.id)
  -- begin took it out of what holds the queued ones.
  if record.st == 'sending' then
    redis.call('ZREM', P .. ':sending', record.id)
  else
    redis.call('ZREM', P .. ':q:' .. record.cn, record.id)
    redis.call('ZREM', P .. ':w:' .. record.cn, record.id)
  end
  return leave_line(record)
end

local function announce(record) redis.call('PUBLISH', P .. ':ended:' .. record.id, '') end

-- forget_params removes what will not be sent again.
local function forget_params(record) redis.call('UNLINK', params_key(record.id)) end

-- finish ends a handoff as delivered or cancelled; `changes` are written with it.
local function finish(record, status, changes)
  local wake = leave_live(record)
  forget_params(record)
  write(record, with({ st = status, ['end'] = now, wf = '' }, changes))
  redis.call('ZADD', P .. ':ended', now, record.id)
  announce(record)
  return wake
end

-- last_failure gives the ledger's last line, if it is of this life: one that was replayed begins anew.
local function last_failure(record)
  local line = record.total > record.was and redis.call('LINDEX', ledger_key(record.id), -1)
  return line and cjson.decode(line) or {}
end

-- die makes a handoff a dead letter; `changes` are written with it. `failure` {httpStatus?, detail?} is what it died of, where that was no
-- attempt of its own.
local function die(record, reason, changes, failure)
  local wake = leave_live(record)
  local cause = cause_of(record, reason, failure or last_failure(record))
  write(record, with({ st = 'dead', why = reason, cause = cause, ['end'] = now }, changes))
  index_dead(record)
  file_letter(record)
  announce(record)
  return wake
end

-- add_to_ledger writes one more line (JSON) into a record's ledger.
local function add_to_ledger(record, line) redis.call('RPUSH', ledger_key(record.id), line) end

-- interrupt writes down an attempt whose worker died: nobody knows whether the signal arrived. Nothing is sent by it.
-- Whoever finds it, a note is left for the workers, who count it. Gives whether the handoff died of it, and the job to promote.
local function interrupt(record, max_attempts)
  redis.call('RPUSH', P .. ':interrupted', cjson.encode({ id = record.id, connectorId = record.cn, duplicate = record.may == '1',
    requestId = record.rq and record.rq .. (record.rq2 or ''), traceparent = record.tp }))
  local entry = cjson.encode({ number = record.total, startedAt = record.att, outcome = 'interrupted' })
  local reason = (record.amo == '1' and 'unknown') or (record.used >= max_attempts and 'exhausted') or nil
  redis.call('ZREM', P .. ':sending', record.id)
  redis.call('ZADD', P .. ':q:' .. record.cn, record.since, record.id)
  add_to_ledger(record, entry)
  write(record, { st = 'queued', nonce = '', settled = '', dup = (record.may == '1' or record.dup == '1') and '1' or '', may = '1',
    wf = reason and '' or 'retry' })
  if reason then return true, die(record, reason) end
  return false, nil
end

-- expire ends a handoff whose time is up, whoever notices first. Gives whether it did, and the job to promote.
-- One that is being sent is left to its worker until that can no longer be alive.
local function expire(record, fence_ms)
  if now <= record.dl then return false, nil end
  if record.st == 'queued' then return true, die(record, 'expired') end
  if record.st ~= 'sending' or now <= record['until'] + fence_ms then return false, nil end
  local died, wake = interrupt(record, math.huge)
  if died then return true, wake end
  return true, die(record, 'expired')
end
