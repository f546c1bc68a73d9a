-- issue-or-revoke-token issues or revokes a key: an admin key, a connector token or a screen-pop key. To issue one is
-- to store its hash. That deletes those keys of its set that expired long ago and, with an overlap, lets the others
-- expire.
--
-- args:      set                 key of the set, without the tag
--            id
--            issue?              without it, the key is revoked with effect at once
--              {fields}          {name: value}
--              {requires?}       a key, without the tag, that must exist
--              {overlapMs?}      how long the older keys of the set stay valid
--              {forgetMs}        how long an expired one stays listed
-- replies:   written, now · not-found (the required key does not exist, or the one to be revoked)
-- Run again: stores the same key again; where it is revoked, replies not-found, and changes nothing.
--- @include registry-keys-clock-and-version

local set, issue = R .. args.set, args.issue

local function token_key(id) return R .. ':token:' .. id end

local function revoke()
  if redis.call('SREM', set, args.id) == 0 then return { 'not-found' } end
  redis.call('DEL', token_key(args.id))
  raise_version()
  return { 'written', now }
end

-- retire_older lets the other keys of the set expire, and deletes those that expired long ago.
local function retire_older()
  for _, other in ipairs(redis.call('SMEMBERS', set)) do
    local expires_at = tonumber(redis.call('HGET', token_key(other), 'expiresAt') or nil)
    if expires_at and expires_at < now - issue.forgetMs then
      redis.call('DEL', token_key(other))
      redis.call('SREM', set, other)
    elseif issue.overlapMs and other ~= args.id and (not expires_at or expires_at > now + issue.overlapMs) then
      redis.call('HSET', token_key(other), 'expiresAt', now + issue.overlapMs)
    end
  end
end

if not issue then return revoke() end
if issue.requires and redis.call('EXISTS', R .. issue.requires) == 0 then return { 'not-found' } end
retire_older()
redis.call('SADD', set, args.id)
redis.call('HSET', token_key(args.id), 'createdAt', now)
for name, value in pairs(issue.fields) do redis.call('HSET', token_key(args.id), name, value) end
raise_version()
return { 'written', now }
