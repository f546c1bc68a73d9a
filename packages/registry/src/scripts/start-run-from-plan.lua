#!lua
-- start-run-from-plan turns a plan into a run, once. It fails on a Redis that is full.
--
-- args:      run (also the plan's id), kind, rate, matched, decision (JSON text), commandDeadline
--            planKeptMs          how long a plan can be started
--            idempotency? {key, fingerprint, keepMs}
-- replies:   started, now
--            repeated, run       the idempotency key started this run before
--            reused              the idempotency key belongs to another body
--            late                it came after `commandDeadline`
--            expired, run        the plan is gone; run is '' unless it was started
-- Run again: with an idempotency key replies `repeated`, else `expired`.
--- @include run-keys-and-status
local idempotency = args.idempotency
local idempotency_key = idempotency and R .. ':idem:runs:' .. idempotency.key

if now > args.commandDeadline then return { 'late' } end
local kept = idempotency_key and redis.call('GET', idempotency_key)
if kept then
  local earlier = cjson.decode(kept)
  if earlier.fingerprint ~= idempotency.fingerprint then return { 'reused' } end
  return { 'repeated', earlier.id }
end
local key = run_key(args.run)
local began_at, found = tonumber(redis.call('ZSCORE', PLANNED, args.run) or nil), redis.call('HGET', key, 'status')
if found ~= 'planned' then return { 'expired', found and args.run or '' } end
if not began_at or began_at + args.planKeptMs <= now then return { 'expired', '' } end
local status = args.matched == 0 and 'completed' or 'running'
redis.call('ZREM', PLANNED, args.run)
redis.call('PERSIST', key)
redis.call('HDEL', key, 'scope')
redis.call('HSET', key, 'kind', args.kind, 'status', status, 'version', 1, 'rate', args.rate,
  'tokens', 0, 'countedAt', now, 'matched', args.matched, 'createdAt', now, 'decision', args.decision)
if is_over(status) then redis.call('HSET', key, 'endedAt', now) end
redis.call('ZADD', runs_key(args.kind), now, args.run)
redis.call('ZADD', status_key(args.kind, status), now, args.run)
if idempotency_key then
  local entry = cjson.encode({ id = args.run, fingerprint = idempotency.fingerprint })
  redis.call('SET', idempotency_key, entry, 'PX', idempotency.keepMs)
end
return { 'started', now }
