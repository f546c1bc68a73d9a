-- access-grant stores what the lease's holder fetched, and lets those who waited for it go.
--
-- args: connectorId, lease, access (sealed), version, lifetimeMs, renewAfterMs (from then on one process may renew it ahead of its end)
-- replies: granted · lost      the lease ended meanwhile; what another one fetched stands
-- Twice: the second is lost, and changes nothing.
--- @include shard

local key = P .. ':a:' .. args.connectorId
if redis.call('HGET', key, 'lease') ~= args.lease then return { 'lost' } end
redis.call('HSET', key, 'access', args.access, 'version', args.version, 'expiresAt', now + args.lifetimeMs, 'renewFrom', now + args.renewAfterMs)
local forced = redis.call('HGET', key, 'forced')
if forced and forced ~= '' then redis.call('HSET', key, 'renewedAt:' .. forced, now) end
redis.call('HDEL', key, 'forced', 'lease', 'leaseUntil', 'retryAt', 'detail', 'refused', 'refusedUntil', 'httpStatus', 'failures')
redis.call('PEXPIRE', key, args.lifetimeMs + 60000)
if redis.call('EXISTS', P .. ':w:' .. args.connectorId) == 1 then redis.call('ZADD', P .. ':held', now, args.connectorId) end
return { 'granted' }
