-- finish removes jobs that are done with, many at once, as BullMQ 6's moveToFinished does one at a time where nothing is kept.
--
-- Why not BullMQ's own: a job is only the right to look at its record, and the record was settled before. So nothing hurries,
-- and one round trip does for all that were done with in a few milliseconds.
--
-- KEYS[1] tag of the shard (routes only) · ARGV[1] JSON: queue (name), jobs [{id, token}, …]
-- replies: how many were removed
-- Twice: the second finds nothing. A job whose lock is another's is left to that one.
local args = cjson.decode(ARGV[1])
local queue = KEYS[1] .. ':' .. args.queue .. ':'

local removed = 0
for _, job in ipairs(args.jobs) do
  local key = queue .. job.id
  if redis.call('GET', key .. ':lock') == job.token then
    redis.call('SREM', queue .. 'stalled', job.id)
    redis.call('LREM', queue .. 'active', -1, job.id)
    redis.call('DEL', key, key .. ':lock')
    removed = removed + 1
  end
end
return removed
