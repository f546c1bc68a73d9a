-- token-revoke ends a connector token or screen-pop key at once.
--
-- args: connectorId, kind (tokens|screen-pop-keys), tokenId
-- replies: revoked · not-found (no such token of this connector and kind)
-- Twice: not-found, and nothing changes.
--- @include registry

if redis.call('SREM', R .. ':' .. args.kind .. ':' .. args.connectorId, args.tokenId) == 0 then return { 'not-found' } end
redis.call('DEL', R .. ':token:' .. args.tokenId)
changed()
return { 'revoked' }
