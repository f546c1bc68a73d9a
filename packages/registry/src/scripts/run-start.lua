#!lua
-- run-start turns a plan into a run, once. It fails on a Redis that is full.
--
-- args:      run (also the plan's id), kind, rate, matched, decision (JSON text), validUntil
--            idempotency? {key, fingerprint, keepMs}
-- replies:   started, now
--            repeated, run       the idempotency key started this run before
--            reused              the idempotency key belongs to another body
--            late                it came after `validUntil`
--            expired, run        the plan is gone; run is '' unless it was started
-- Run again: with an idempotency key replies `repeated`, else `expired`.
--- @include registry
--- @include runs
local idempotency = args.idempotency
local run_of_key = idempotency and R .. ':run-of:' .. idempotency.key

if now > args.validUntil then return { 'late' } end
local earlier = run_of_key and redis.call('GET', run_of_key)
if earlier then
  local run, fingerprint = string.match(earlier, '^(%S+) (.*)$')
  if fingerprint ~= idempotency.fingerprint then return { 'reused' } end
  return { 'repeated', run }
end
local ends = tonumber(redis.call('ZSCORE', R .. ':plans', args.run) or nil)
if not ends or ends <= now or redis.call('EXISTS', R .. ':plan:' .. args.run) == 0 then
  return { 'expired', redis.call('EXISTS', run_key(args.run)) == 1 and args.run or '' }
end
redis.call('ZREM', R .. ':plans', args.run)
redis.call('DEL', R .. ':plan:' .. args.run)
local is_over = args.matched == 0
local status = is_over and 'completed' or 'running'
redis.call('HSET', run_key(args.run), 'kind', args.kind, 'status', status, 'version', 1, 'rate', args.rate,
  'tokens', 0, 'countedAt', now, 'matched', args.matched, 'createdAt', now, 'decision', args.decision)
redis.call('ZADD', R .. ':runs:' .. args.kind, now, args.run)
count_run(args.kind, status, 1)
if is_over then
  redis.call('HSET', run_key(args.run), 'endedAt', now)
else
  redis.call('SADD', R .. ':runs:active', args.run)
end
if run_of_key then
  redis.call('SET', run_of_key, args.run .. ' ' .. idempotency.fingerprint, 'PX', idempotency.keepMs)
end
return { 'started', now }
