-- settle applies the verdict on an attempt, only for the live nonce.
--
-- args: id, nonce, entry (JSON of the ledger's line), outcome {failed, uncertain, sent, unsent?, httpStatus?, detail?},
--       verdict {kind: delivered|retry|dead, reason?, waitMs?, waitingFor?, counted?, holdMs?}, rate|null, breaker, statsHour, statsMinute, statsBucket
-- replies: gone · stale                                     the attempt was declared interrupted meanwhile
--          settled, status, reason, delayMs, wake, duplicate, generation, cause, endedAt
-- Twice with the same nonce: the same state again, nothing counted twice.
--- @include shard
--- @include rate
--- @include line
--- @include cause
--- @include dead-letter-index
--- @include ending
--- @include breaker

local STATS_KEPT_S = 25 * 3600

local record = load(args.id)
if not record then return { 'gone' } end

local function settled(wake, duplicate)
  local delay = record.st == 'queued' and math.max(0, record.due - now) or 0
  return { 'settled', record.st, record.why or '', delay, wake or '', duplicate and 1 or 0, record.gen, record.cause or '', record['end'] or 0 }
end

if record.settled == args.nonce then return settled() end
if record.st ~= 'sending' or record.nonce ~= args.nonce then return { 'stale' } end

local outcome, verdict = args.outcome, args.verdict
local duplicate = outcome.sent and record.may == '1'
add_to_ledger(record, args.entry)
-- Written together with what the verdict says.
local told = { settled = args.nonce, nonce = '', may = (outcome.uncertain or record.may == '1') and '1' or '',
  dup = (duplicate or record.dup == '1') and '1' or '' }

if outcome.unsent then abandon_probe(record.cn, args.nonce) else judge(record.cn, args.nonce, outcome.failed, args.breaker) end
if verdict.holdMs then hold_still(record.cn, verdict.holdMs) end

local function delivered()
  local stats = P .. ':st:' .. record.cn .. ':' .. args.statsHour
  local first = redis.call('HINCRBY', stats, 'd' .. args.statsMinute, 1) == 1
  redis.call('HINCRBY', stats, 'l' .. math.floor(args.statsMinute / 10) .. ':' .. args.statsBucket, 1)
  if first then redis.call('EXPIRE', stats, STATS_KEPT_S) end
  return finish(record, 'delivered', told)
end

local function again()
  local at, promise = reserve(record.cn, args.rate, now + verdict.waitMs, record.dl)
  if at > record.dl then return die(record, 'expired', told) end
  local waits = at > now + verdict.waitMs and 'rate' or verdict.waitingFor
  write(record, with(told, { st = 'queued', wf = waits, due = at, res = promise, used = record.used - (verdict.counted and 0 or 1) }))
  redis.call('ZREM', P .. ':sending', record.id)
  redis.call('ZADD', P .. ':q:' .. record.cn, record.since, record.id)
  redis.call('ZADD', P .. ':due', at, record.id)
end

local wake
if verdict.kind == 'delivered' then wake = delivered()
elseif verdict.kind == 'dead' then wake = die(record, verdict.reason, told)
else wake = again() end
return settled(wake, duplicate)
