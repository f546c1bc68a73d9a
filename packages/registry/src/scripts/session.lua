#!lua flags=allow-oom
-- session keeps, reads and ends a session of the console, or the one-time code of a sign-in link. It also runs on a
-- full Redis, because operators sign in to mend that.
--
-- args: id, hash (of its secret), and one of
--       keep {keyId, keyHash, idleMs, longestMs}: a new one
--       use {idleMs}: read it, and let it live on while it is used
--       take: read it and end it
--       drop: end it
-- replies: kept, expiresAt · found, keyId, keyHash, expiresAt · dropped · unknown (none of that id and hash)
-- Twice: keep and use change its end only; a second take or drop is unknown.
--- @include registry

local key = R .. ':session:' .. args.id

-- lives_until says when it ends, if nobody uses it again.
local function lives_until(idleMs, endsAt)
  local expiresAt = math.min(now + idleMs, endsAt)
  redis.call('PEXPIREAT', key, expiresAt)
  return expiresAt
end

local keep = args.keep
if keep then
  local endsAt = now + keep.longestMs
  redis.call('HSET', key, 'hash', args.hash, 'keyId', keep.keyId, 'keyHash', keep.keyHash, 'endsAt', endsAt)
  return { 'kept', lives_until(keep.idleMs, endsAt) }
end

local hash, keyId, keyHash, endsAt = unpack(redis.call('HMGET', key, 'hash', 'keyId', 'keyHash', 'endsAt'))
if hash ~= args.hash then return { 'unknown' } end
if args.use then return { 'found', keyId, keyHash, lives_until(args.use.idleMs, tonumber(endsAt)) } end
redis.call('DEL', key)
return args.take and { 'found', keyId, keyHash, now } or { 'dropped' }
