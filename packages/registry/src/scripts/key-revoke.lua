-- key-revoke ends a key of a set at once.
--
-- args: set (behind the tag), id
-- replies: revoked · not-found
-- Twice: not-found, and nothing changes.
--- @include registry

if redis.call('SREM', R .. args.set, args.id) == 0 then return { 'not-found' } end
redis.call('DEL', R .. ':token:' .. args.id)
changed()
return { 'revoked' }
