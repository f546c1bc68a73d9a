#!lua flags=allow-oom
-- access-grant stores what the lease's holder fetched, and lets those who waited for it go.
--
-- args: connectorId, lease, access (sealed), version, lifetimeMs, renewAfterMs (from then on one process may renew it
-- ahead of its end) replies: granted · lost      the lease ended meanwhile; what another one fetched stands Twice: the
-- second is lost, and changes nothing.
--- @include shard
--- @include jobs
--- @include gate
local args = cjson.decode(ARGV[1])

local key = P .. ':a:' .. args.connectorId
if call('HGET', key, 'lease') ~= args.lease then return { 'lost' } end
call('HSET', key, 'access', args.access, 'version', args.version, 'expiresAt', now + args.lifetimeMs, 'renewFrom', now + args.renewAfterMs)
local forced = call('HGET', key, 'forced')
if forced and forced ~= '' then call('HSET', key, 'renewedAt:' .. forced, now) end
call('HDEL', key, 'forced', 'lease', 'leaseUntil', 'retryAt', 'detail', 'refused', 'refusedUntil', 'httpStatus', 'failures')
call('PEXPIRE', key, args.lifetimeMs + 60000)
arm_if_parked(args.connectorId)
return { 'granted' }
