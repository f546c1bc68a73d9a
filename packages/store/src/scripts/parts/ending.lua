-- How a handoff ends. Each ending may be asked for once only: callers look at the state first.

-- What a record holds only while it is alive. Ended ones are kept for long, and every field costs 80 bytes.
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

local function announce(record) redis.call('PUBLISH', P .. ':ended', record.id) end

-- finish ends a handoff as delivered or cancelled.
local function finish(record, status)
  local wake = leave_live(record)
  write(record, { st = status, ['end'] = now, wf = '' })
  redis.call('ZADD', P .. ':ended', now, record.id)
  announce(record)
  return wake
end

-- die makes a handoff a dead letter.
local function die(record, reason)
  local wake = leave_live(record)
  local cause = cause_of(record, reason)
  write(record, { st = 'dead', why = reason, cause = cause, ['end'] = now })
  index_dead(record)
  file_letter(record)
  announce(record)
  return wake
end

-- ledger_with gives a record's ledger with one more line.
local function ledger_with(record, entry)
  local ledger = redis.call('HGET', handoff_key(record.id), 'led')
  return ledger and ledger .. ',' .. entry or entry
end

-- interrupt writes down an attempt whose worker died: nobody knows whether the signal arrived. Nothing is sent by it.
-- Whoever finds it, a note is left for the workers, who count it. Gives whether the handoff died of it, and the job to promote.
local function interrupt(record, max_attempts)
  redis.call('RPUSH', P .. ':interrupted', cjson.encode({ id = record.id, connectorId = record.cn, duplicate = record.may == '1' }))
  local entry = cjson.encode({ number = record.total, startedAt = record.att, outcome = 'interrupted' })
  local reason = (record.amo == '1' and 'unknown') or (record.used >= max_attempts and 'exhausted') or nil
  redis.call('ZREM', P .. ':sending', record.id)
  redis.call('ZADD', P .. ':q:' .. record.cn, record.since, record.id)
  write(record, { st = 'queued', nonce = '', settled = '', led = ledger_with(record, entry),
    dup = (record.may == '1' or record.dup == '1') and '1' or '', may = '1', wf = reason and '' or 'retry', ls = '', ld = '' })
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
