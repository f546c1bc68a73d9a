-- take moves waiting jobs to active and locks them, many at once, as BullMQ 6's moveToActive does one at a time.
--
-- Why not BullMQ's own: it sets the queue's marker anew for every job taken, so that each job costs two more round trips that
-- find nothing. Here the marker is set only where jobs are left. The keys are BullMQ's; a test lets BullMQ's own worker go on.
--
-- KEYS[1] tag of the shard (routes only) · ARGV[1] JSON: queue (name), token, lockMs, limit
-- replies: when the next delayed job is due (epoch milliseconds, 0: none), then id, data, id, data, …
-- Twice: a reply that was lost leaves locked jobs behind, which the stalled check gives to somebody else.
local args = cjson.decode(ARGV[1])
local queue = KEYS[1] .. ':' .. args.queue .. ':'
local wait, active, delayed = queue .. 'wait', queue .. 'active', queue .. 'delayed'

-- BullMQ keeps a delayed job's time in the upper bits of its score, and the order within one millisecond in the lower twelve.
local SCORE_PER_MS = 4096
-- How many delayed jobs become due in one step: a few milliseconds of Redis's time. The next step takes the rest.
local MOST_DUE = 500

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if redis.call('HEXISTS', queue .. 'meta', 'paused') == 1 then return { 0 } end

local due = redis.call('ZRANGEBYSCORE', delayed, 0, (now + 1) * SCORE_PER_MS - 1, 'LIMIT', 0, MOST_DUE)
if #due > 0 then
  redis.call('ZREM', delayed, unpack(due))
  redis.call('LPUSH', wait, unpack(due))
end

local taken = { 0 }
for _ = 1, args.limit do
  local id = redis.call('RPOPLPUSH', wait, active)
  if not id then break end
  local data = redis.call('HGET', queue .. id, 'data')
  if data then
    redis.call('SET', queue .. id .. ':lock', args.token, 'PX', args.lockMs)
    redis.call('HSET', queue .. id, 'processedOn', now)
    taken[#taken + 1] = id
    taken[#taken + 1] = data
  else
    redis.call('LREM', active, 1, id)
  end
end

if redis.call('LLEN', wait) > 0 then redis.call('ZADD', queue .. 'marker', 0, '0') end
local next_delayed = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
taken[1] = next_delayed[2] and math.floor(next_delayed[2] / SCORE_PER_MS) or 0
return taken
