-- admin-key-revoke ends an admin key at once.
--
-- args: id
-- replies: revoked · not-found
-- Twice: not-found, and nothing changes.
--- @include registry

if redis.call('SREM', R .. ':admin-keys', args.id) == 0 then return { 'not-found' } end
redis.call('DEL', R .. ':token:' .. args.id)
changed()
return { 'revoked' }
