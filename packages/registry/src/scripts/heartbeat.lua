#!lua flags=allow-oom
-- heartbeat records that a process is alive, which tokens were used and which key seals. It returns what every process
-- reads each second: the time, the registry's version, the pause of everything, and two counts.
--
-- args:      process?            what this process says of itself, JSON; with it `role`, and `presentMs`: how long it
--                                counts as present
--            shards?             how many shards this process uses
--            sealsWith?          id of the key that seals new values
--            used                ids of the tokens used since the last heartbeat
-- replies:   now, version, paused ('' for no, 1, or until when), workers, shards (the most that any process used
--            before)
-- Run again: a process is counted once; the tokens' last use is a moment later.
--- @include registry-keys-clock-and-version

if args.process then
  local processes = R .. ':processes:' .. args.role
  redis.call('ZADD', processes, now + args.presentMs, args.process)
  redis.call('ZREMRANGEBYSCORE', processes, '-inf', now)
end
local workers = redis.call('ZCOUNT', R .. ':processes:worker', '(' .. now, '+inf')
local version, paused, shards = unpack(redis.call('HMGET', META, 'version', 'paused', 'shards'))
local shards_before = tonumber(shards or 0)
if args.shards and args.shards > shards_before then redis.call('HSET', META, 'shards', args.shards) end
if args.sealsWith then redis.call('HSET', META, 'sealing:' .. args.sealsWith, now) end
for _, id in ipairs(args.used) do
  local key = R .. ':token:' .. id
  if redis.call('EXISTS', key) == 1 then redis.call('HSET', key, 'lastUsedAt', now) end
end
return { now, version or 0, paused or '', workers, shards_before }
