-- overdue lists live handoffs whose time came and went, in the order of their due times.
--
-- args: from, afterMs, limit
-- replies: flat list: id, generation, score, …
-- Twice: reads only.
--- @include shard

local found = redis.call('ZRANGEBYSCORE', P .. ':due', args.from, now - args.afterMs, 'WITHSCORES', 'LIMIT', 0, args.limit)
local overdue = {}
for i = 1, #found, 2 do
  local generation = redis.call('HGET', handoff_key(found[i]), 'gen')
  for _, value in ipairs({ found[i], generation or '0', found[i + 1] }) do overdue[#overdue + 1] = value end
end
return overdue
