#!lua
-- run-start makes a plan a run, once.
--
-- args: run (also the plan's), kind, rate, matched, decision (JSON text), validUntil, idempotency? {key, fingerprint,
-- keepMs} replies: late · expired, run ('' unless it was started) · reused · repeated, run · started, now Twice: with
-- an idempotency key `repeated`, else `expired`. Refuses on a Redis that is full.
--- @include registry
--- @include runs
local idempotency = args.idempotency
local asked = idempotency and R .. ':run-of:' .. idempotency.key

if now > args.validUntil then return { 'late' } end
local earlier = asked and redis.call('GET', asked)
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
redis.call('HSET', run_key(args.run), 'kind', args.kind, 'status', is_over and 'completed' or 'running', 'version', 1, 'rate', args.rate,
  'tokens', 0, 'countedAt', now, 'matched', args.matched, 'createdAt', now, 'decision', args.decision)
redis.call('ZADD', R .. ':runs:' .. args.kind, now, args.run)
count_run(args.kind, is_over and 'completed' or 'running', 1)
if is_over then redis.call('HSET', run_key(args.run), 'endedAt', now) else redis.call('SADD', R .. ':runs:active', args.run) end
if asked then redis.call('SET', asked, args.run .. ' ' .. idempotency.fingerprint, 'PX', idempotency.keepMs) end
return { 'started', now }
