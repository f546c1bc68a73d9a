-- admin-key-issue keeps the hash of a new admin key, and forgets those that ended long ago.
--
-- args: id, name, role, hash, expiresAt?, forgetMs (how long an ended one is still listed)
-- replies: createdAt
-- Twice: the same key again.
--- @include registry

local keys = R .. ':admin-keys'
for _, other in ipairs(redis.call('SMEMBERS', keys)) do
  local ends = tonumber(redis.call('HGET', R .. ':token:' .. other, 'expiresAt') or nil)
  if ends and ends < now - args.forgetMs then
    redis.call('DEL', R .. ':token:' .. other)
    redis.call('SREM', keys, other)
  end
end
local key = R .. ':token:' .. args.id
redis.call('HSET', key, 'name', args.name, 'role', args.role, 'hash', args.hash, 'createdAt', now)
if args.expiresAt then redis.call('HSET', key, 'expiresAt', args.expiresAt) end
redis.call('SADD', keys, args.id)
changed()
return { now }
