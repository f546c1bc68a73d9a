#!lua flags=allow-oom
-- create-use-or-end-session stores, reads and ends a session of the console, or the one-time code of a sign-in link. It
-- also runs on a full Redis, because operators sign in to repair that.
--
-- args:      id, hash (of its secret), and one of
--            keep {keyId, keyHash, idleMs, longestMs}    store a new one
--            use {idleMs}                                read it, and extend it
--            take                                        read it and end it
--            drop                                        end it
-- replies:   kept, expiresAt · found, keyId, keyHash, expiresAt · dropped · unknown (there is none of that id and hash)
-- Run again: keep and use change only when it expires; a second take or drop replies unknown.
--- @include registry-keys-clock-and-version

local key = R .. ':session:' .. args.id

-- extend_session returns when the session expires unless it is used again.
local function extend_session(idle_ms, ends_at)
  local expires_at = math.min(now + idle_ms, ends_at)
  redis.call('PEXPIREAT', key, expires_at)
  return expires_at
end

local keep = args.keep
if keep then
  local ends_at = now + keep.longestMs
  redis.call('HSET', key, 'hash', args.hash, 'keyId', keep.keyId, 'keyHash', keep.keyHash, 'endsAt', ends_at)
  return { 'kept', extend_session(keep.idleMs, ends_at) }
end

local hash, key_id, key_hash, ends_at = unpack(redis.call('HMGET', key, 'hash', 'keyId', 'keyHash', 'endsAt'))
if hash ~= args.hash then return { 'unknown' } end
if args.use then return { 'found', key_id, key_hash, extend_session(args.use.idleMs, tonumber(ends_at)) } end
redis.call('DEL', key)
return args.take and { 'found', key_id, key_hash, now } or { 'dropped' }
