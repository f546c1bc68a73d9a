-- pulse tells the time, the registry's version and the settings, and counts the workers.
--
-- args: workerId?, presentMs
-- replies: now, version, stopped (0|1), workers
-- Twice: a worker is counted once.
--- @include registry

local workers = R .. ':workers'
if args.workerId then redis.call('ZADD', workers, now + args.presentMs, args.workerId) end
redis.call('ZREMRANGEBYSCORE', workers, '-inf', now)
return { now, redis.call('GET', R .. ':version') or 0, redis.call('GET', R .. ':stopped') or 0, redis.call('ZCARD', workers) }
