#!lua flags=allow-oom
-- access-drop forgets a connector's access and how its last fetch failed, because its credentials or its target are
-- others now; those who waited for a token may go.
--
-- args: connectorId, basis (the connector's version that has them)
-- replies: dropped · kept (it is of that version already)
-- Twice: kept.
--- @include shard
--- @include jobs
--- @include gate
local args = cjson.decode(ARGV[1])

local key = P .. ':a:' .. args.connectorId
if (tonumber(call('HGET', key, 'basis') or nil) or 0) >= args.basis then return { 'kept' } end
call('DEL', key)
call('HSET', key, 'basis', args.basis)
arm_if_parked(args.connectorId)
return { 'dropped' }
