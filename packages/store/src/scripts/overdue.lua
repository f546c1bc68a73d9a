-- overdue lists live handoffs whose time came and went, in the order of their due times, and ends those whose deadline has passed:
-- also where a job exists that nobody can work on.
--
-- args: from, afterMs, limit, fenceMs
-- replies: next, list: where the next step goes on (0 where this one saw the end), and flat: id, generation, …
-- Twice: the same, without those that ended.
--- @include shard
--- @include line
--- @include cause
--- @include dead-letter-index
--- @include ending

local found = redis.call('ZRANGEBYSCORE', P .. ':due', args.from, now - args.afterMs, 'WITHSCORES', 'LIMIT', 0, args.limit)
local overdue = {}
for i = 1, #found, 2 do
  local record, newer = glance(found[i])
  local over = record and expire(record, args.fenceMs)
  if not over and not newer then
    for _, value in ipairs({ found[i], record and record.gen or 0 }) do overdue[#overdue + 1] = value end
  end
end

-- Whoever is left out here counts as well; more than `limit` of one millisecond must not hold up the rest.
if #found < 2 * args.limit then return { 0, overdue } end
local last = tonumber(found[#found])
return { last > args.from and last or last + 1, overdue }
