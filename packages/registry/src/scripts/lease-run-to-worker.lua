#!lua flags=allow-oom
-- lease-run-to-worker leases a run to a worker: no other worker steps it until the lease ends. It grants as many items
-- as the rate allows since the last turn. A quota that a worker loses is not granted again: the rate is a ceiling.
--
-- args:      run, worker, leaseMs
--            gatherMs            the bucket holds at most what the rate allows in this time
--            unused              what the worker did not use of its last quota
-- replies:   turn, version, status, quota, flat list of the run's fields
--            held, forMs         another worker has the lease
--            gone                the run ended
-- Run again: grants what the rate allows since the first time.
--- @include run-keys-and-status
local key = run_key(args.run)
local fields = redis.call('HMGET', key, 'status', 'worker', 'heldUntil', 'rate', 'tokens', 'countedAt')
local status, worker, held_until = fields[1], fields[2], tonumber(fields[3] or nil) or 0
if status ~= 'running' and status ~= 'paused' then return { 'gone' } end
local is_held = worker and worker ~= args.worker
if is_held and held_until > now then return { 'held', held_until - now } end
if worker ~= args.worker then redis.call('HINCRBY', key, 'version', 1) end

local quota = 0
if status == 'running' then
  local rate, unused = tonumber(fields[4]), worker == args.worker and args.unused or 0
  local tokens = tonumber(fields[5]) + unused + math.max(0, now - tonumber(fields[6])) * rate / 1000
  tokens = math.min(tokens, math.max(1, rate * args.gatherMs / 1000))
  quota = math.floor(tokens + 0.00005)
  redis.call('HSET', key, 'tokens', string.format('%.4f', math.max(0, tokens - quota)), 'countedAt', now)
end
redis.call('HSET', key, 'worker', args.worker, 'heldUntil', now + args.leaseMs)
return { 'turn', redis.call('HGET', key, 'version'), status, quota, redis.call('HGETALL', key) }
