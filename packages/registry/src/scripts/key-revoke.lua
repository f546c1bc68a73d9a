-- key-revoke deletes a key of a set, with effect at once.
--
-- args:      set (its key without the tag), id
-- replies:   revoked · not-found
-- Run again: replies not-found, and changes nothing.
--- @include registry

if redis.call('SREM', R .. args.set, args.id) == 0 then return { 'not-found' } end
redis.call('DEL', R .. ':token:' .. args.id)
increment_version()
return { 'revoked' }
