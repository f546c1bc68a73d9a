#!lua flags=allow-oom
-- heartbeat records that a process is alive, which tokens were used and which key seals. It returns what every process
-- reads each second: the time, the registry's version, the pause of everything, and two counts.
--
-- args:      workerId?           of a worker
--            process?            what this process says of itself, JSON
--            shards?             how many shards this process uses
--            sealsWith?          id of the key that seals new values
--            presentMs           how long the worker and the process count as present
--            used                ids of the tokens used since the last heartbeat
-- replies:   now, version, paused ('' for no, 1, or until when), workers, shards (the most that any process used
--            before)
-- Run again: a worker and a process are counted once; the tokens' last use is a moment later.
--- @include registry

local workers = R .. ':workers'
if args.workerId then redis.call('ZADD', workers, now + args.presentMs, args.workerId) end
redis.call('ZREMRANGEBYSCORE', workers, '-inf', now)
local processes = R .. ':processes'
if args.process then redis.call('ZADD', processes, now + args.presentMs, args.process) end
redis.call('ZREMRANGEBYSCORE', processes, '-inf', now)
local shards = tonumber(redis.call('GET', R .. ':shards') or 0)
if args.shards and args.shards > shards then redis.call('SET', R .. ':shards', args.shards) end
if args.sealsWith then redis.call('ZADD', R .. ':sealing', now, args.sealsWith) end
for _, id in ipairs(args.used) do
  local key = R .. ':token:' .. id
  if redis.call('EXISTS', key) == 1 then redis.call('HSET', key, 'lastUsedAt', now) end
end
local version, paused = redis.call('GET', R .. ':version') or 0, redis.call('GET', R .. ':everything-paused') or ''
return { now, version, paused, redis.call('ZCARD', workers), shards }
