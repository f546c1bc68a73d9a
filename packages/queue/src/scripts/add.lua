-- add puts a job in its place, as BullMQ 6's addStandardJob and addDelayedJob do for jobs without parents, priorities and repeats.
--
-- Why not BullMQ's own: they also write two events to a stream that nothing reads, and take half as long again.
--
-- KEYS[1] tag of the shard (routes only) · ARGV[1] JSON: queue (name), job (its id), data (JSON), delayMs
-- replies: 1 where it was added, 0 where there is one
-- Twice: the second finds it.
local args = cjson.decode(ARGV[1])
local queue = KEYS[1] .. ':' .. args.queue .. ':'
local key = queue .. args.job

-- BullMQ keeps a delayed job's time in the upper bits of its score, and the order within one millisecond in the lower twelve. Jobs of
-- one millisecond stand in the order of their ids here, which is that of their making.
local SCORE_PER_MS = 4096

if redis.call('EXISTS', key) == 1 then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', key, 'name', 'handoff', 'data', args.data, 'opts', '{}', 'timestamp', now, 'delay', args.delayMs, 'priority', 0)
if args.delayMs > 0 then
  redis.call('ZADD', queue .. 'delayed', (now + args.delayMs) * SCORE_PER_MS, args.job)
  local first = redis.call('ZRANGE', queue .. 'delayed', 0, 0, 'WITHSCORES')
  redis.call('ZADD', queue .. 'marker', first[2] / SCORE_PER_MS, '1')
else
  redis.call('LPUSH', queue .. 'wait', args.job)
  -- A queue that somebody paused wakes nobody, as with BullMQ.
  if redis.call('HEXISTS', queue .. 'meta', 'paused') == 0 then redis.call('ZADD', queue .. 'marker', 0, '0') end
end
return 1
