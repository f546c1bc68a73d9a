-- audit-prune removes entries whose time of keeping is over, the oldest first, with everything that points at them.
--
-- args: before (score, as text), limit
-- replies: how many were removed
-- Twice: the second takes the next ones.
--- @include registry
--- @include audit

local ids = redis.call('ZRANGEBYSCORE', AUDIT, '-inf', '(' .. args.before, 'LIMIT', 0, args.limit)
for _, id in ipairs(ids) do
  local entry = entry_of(id)
  if entry then index(id, nil, entry) else redis.call('ZREM', AUDIT, id) end
  redis.call('DEL', entry_key(id))
end
return { #ids }
