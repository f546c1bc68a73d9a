-- file puts a dead letter among the prioritized jobs, as BullMQ 6's addPrioritizedJob does for a job without parents and repeats.
--
-- Why not BullMQ's own: it keeps the options that it was called with in the job, which makes the hash one that Redis cannot keep in a
-- piece, at three times the size, and writes an event to a stream that nothing reads.
--
-- KEYS[1] tag of the shard (routes only) · ARGV[1] JSON: queue (name), job (its id), name, data (JSON), timestamp (epoch milliseconds)
-- replies: 1 where it was added, 0 where there is one
-- Twice: the second finds it.
local args = cjson.decode(ARGV[1])
local queue = KEYS[1] .. ':' .. args.queue .. ':'
local key = queue .. args.job

-- Of one priority, in BullMQ's upper 32 bits; the lower ones count.
local PRIORITY = 1

if redis.call('EXISTS', key) == 1 then return 0 end
redis.call('HSET', key, 'name', args.name, 'data', args.data, 'opts', '{"priority":1}', 'timestamp', args.timestamp, 'delay', 0, 'priority', PRIORITY)
redis.call('ZADD', queue .. 'prioritized', PRIORITY * 2 ^ 32 + redis.call('INCR', queue .. 'pc') % 2 ^ 32, args.job)
if redis.call('HEXISTS', queue .. 'meta', 'paused') == 0 then redis.call('ZADD', queue .. 'marker', 0, '0') end
return 1
