-- audit-prune removes entries whose retention is over, the oldest first, and takes them out of every index.
--
-- args:      before (score, as text), limit
-- replies:   how many were removed
-- Run again: removes the next ones.
--- @include registry
--- @include audit

local ids = redis.call('ZRANGEBYSCORE', AUDIT, '-inf', '(' .. args.before, 'LIMIT', 0, args.limit)
for _, id in ipairs(ids) do
  local entry = read_entry(id)
  if entry then index_entry(id, nil, entry) else redis.call('ZREM', AUDIT, id) end
  redis.call('DEL', entry_key(id))
end
return { #ids }
