-- overdue lists live handoffs whose time came and went, in the order of their due times, and ends those whose deadline has passed:
-- also where a job exists that nobody can work on.
--
-- args: after ('' for the beginning, or where the last step stopped), afterMs, limit, fenceMs
-- replies: after, list: where the next step goes on ('' where this one saw the end), and flat: id, generation, …
-- Twice: the same, without those that ended.
--- @include shard
--- @include line
--- @include cause
--- @include dead-letter-index
--- @include ending

local due = P .. ':due'

-- rank_behind counts what stands up to and with the last one seen, `score:id`, whether or not that is still there: a mark is put right
-- behind it and taken away again. Any number may be due at the same millisecond, so the score alone is no place.
local function rank_behind(after)
  local score, id = string.match(after, '^([^:]+):(.*)$')
  if not score then return 0 end
  local mark = id .. ' '
  redis.call('ZADD', due, score, mark)
  local rank = redis.call('ZRANK', due, mark)
  redis.call('ZREM', due, mark)
  return rank
end

local first = rank_behind(args.after)
local found = redis.call('ZRANGE', due, first, first + args.limit - 1, 'WITHSCORES')
local overdue, looked, last = {}, 0, ''
for i = 1, #found, 2 do
  if tonumber(found[i + 1]) > now - args.afterMs then break end
  looked, last = looked + 1, found[i + 1] .. ':' .. found[i]
  local record, newer = glance(found[i])
  local over = record and expire(record, args.fenceMs)
  if not over and not newer then
    for _, value in ipairs({ found[i], record and record.gen or 0 }) do overdue[#overdue + 1] = value end
  end
end
return { looked < args.limit and '' or last, overdue }
