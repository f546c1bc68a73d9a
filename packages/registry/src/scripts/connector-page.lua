-- connector-page lists connectors, the oldest first.
--
-- args:      after? {score, member} (the last one of the page before), limit, documents (whether to return them)
-- replies:   flat list of id, createdAt, '1' for a paused one, document ('' unless asked for), …
-- Run again: reads only.
--- @include registry-keys-clock-and-version

local all = R .. ':connectors'
local rows = {}

local function add_row(id, created_at)
  local document = args.documents and redis.call('GET', R .. ':cn:' .. id) or ''
  local paused = redis.call('ZSCORE', R .. ':connectors:paused', id) and '1' or ''
  for _, value in ipairs({ id, created_at, paused, document }) do rows[#rows + 1] = value end
end

-- first_rank_after returns the rank that follows the cursor. Where the cursor's own connector was deleted, it counts:
-- connectors of one moment are ordered by their ids.
local function first_rank_after(after)
  local rank = redis.call('ZRANK', all, after.member)
  if rank then return rank + 1 end
  rank = redis.call('ZCOUNT', all, '-inf', '(' .. after.score)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', all, after.score, after.score)) do
    if id <= after.member then rank = rank + 1 end
  end
  return rank
end

local first = args.after and first_rank_after(args.after) or 0
local entries = redis.call('ZRANGE', all, first, first + args.limit - 1, 'WITHSCORES')
for i = 1, #entries, 2 do add_row(entries[i], entries[i + 1]) end
return rows
