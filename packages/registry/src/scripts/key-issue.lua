-- key-issue stores the hash of a new key: an admin key, a connector token or a screen-pop key. It deletes those keys of
-- its set that expired long ago. With an overlap, it lets the older ones expire.
--
-- args:      set                 key of the set, without the tag
--            requires?           a key, without the tag, that must exist
--            id, fields          {name: value}
--            overlapMs?          how long the older keys of the set stay valid
--            forgetMs            how long an expired one stays listed
-- replies:   issued, createdAt · not-found (the required key does not exist)
-- Run again: stores the same key again.
--- @include registry

local function token_key(id) return R .. ':token:' .. id end

if args.requires and redis.call('EXISTS', R .. args.requires) == 0 then return { 'not-found' } end
local set = R .. args.set
for _, other in ipairs(redis.call('SMEMBERS', set)) do
  local expires_at = tonumber(redis.call('HGET', token_key(other), 'expiresAt') or nil)
  if expires_at and expires_at < now - args.forgetMs then
    redis.call('DEL', token_key(other))
    redis.call('SREM', set, other)
  elseif args.overlapMs and other ~= args.id and (not expires_at or expires_at > now + args.overlapMs) then
    redis.call('HSET', token_key(other), 'expiresAt', now + args.overlapMs)
  end
end
redis.call('SADD', set, args.id)
redis.call('HSET', token_key(args.id), 'createdAt', now)
for name, value in pairs(args.fields) do redis.call('HSET', token_key(args.id), name, value) end
increment_version()
return { 'issued', now }
