#!lua flags=allow-oom
-- heartbeat tells the time, the registry's version and the settings, counts the workers, and notes who is there, which
-- tokens were used and which key seals.
--
-- args: workerId?, process? (who this is, JSON), shards? (how many this process uses), sealsWith? (id of a key),
-- presentMs,
--       used (ids of tokens)
-- replies: now, version, paused ('' for no, 1, or until when), workers, shards (the most that any process used before)
-- Twice: a worker and a process are counted once, and a token was used a moment later.
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
return { now, redis.call('GET', R .. ':version') or 0, redis.call('GET', R .. ':everything-paused') or '', redis.call('ZCARD', workers), shards }
