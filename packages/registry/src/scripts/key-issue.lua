-- key-issue keeps the hash of a new key: an admin key, a connector token or a screen-pop key. It forgets those of its
-- set that ended long ago, and with an overlap ends the older ones.
--
-- args: set (behind the tag), requires? (a key behind the tag that must be there), id, fields {name: value},
-- overlapMs?, forgetMs (how long an
--       ended one is still listed)
-- replies: not-found (what is required is not there) · issued, createdAt
-- Twice: the same key again.
--- @include registry

local function token_key(id) return R .. ':token:' .. id end

if args.requires and redis.call('EXISTS', R .. args.requires) == 0 then return { 'not-found' } end
local set = R .. args.set
for _, other in ipairs(redis.call('SMEMBERS', set)) do
  local ends = tonumber(redis.call('HGET', token_key(other), 'expiresAt') or nil)
  if ends and ends < now - args.forgetMs then
    redis.call('DEL', token_key(other))
    redis.call('SREM', set, other)
  elseif args.overlapMs and other ~= args.id and (not ends or ends > now + args.overlapMs) then
    redis.call('HSET', token_key(other), 'expiresAt', now + args.overlapMs)
  end
end
redis.call('SADD', set, args.id)
redis.call('HSET', token_key(args.id), 'createdAt', now)
for name, value in pairs(args.fields) do redis.call('HSET', token_key(args.id), name, value) end
changed()
return { 'issued', now }
