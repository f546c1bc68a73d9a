-- connector-page lists connectors, the oldest first.
--
-- args: after? {score, member} (the last one of the page before), limit, documents (whether they are wanted)
-- replies: flat list: id, createdAt, '1' where it is paused, document ('' unless wanted), …
-- Twice: reads only.
--- @include registry

local all = R .. ':connectors'
local rows = {}

local function add(id, created_at)
  local document = args.documents and redis.call('GET', R .. ':cn:' .. id) or ''
  local paused = redis.call('SISMEMBER', R .. ':paused', id) == 1 and '1' or ''
  for _, value in ipairs({ id, created_at, paused, document }) do rows[#rows + 1] = value end
end

-- Those of one moment are in the order of their ids: what stands up to the cursor is passed over. Where the cursor's
-- own is gone, step by step.
local function first_behind(after)
  local rank = redis.call('ZRANK', all, after.member)
  if rank then return rank + 1 end
  rank = redis.call('ZCOUNT', all, '-inf', '(' .. after.score)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', all, after.score, after.score)) do
    if id <= after.member then rank = rank + 1 end
  end
  return rank
end

local first = args.after and first_behind(args.after) or 0
local entries = redis.call('ZRANGE', all, first, first + args.limit - 1, 'WITHSCORES')
for i = 1, #entries, 2 do add(entries[i], entries[i + 1]) end
return rows
