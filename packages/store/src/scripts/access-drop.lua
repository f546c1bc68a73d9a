-- access-drop forgets a connector's access and how its last fetch failed, because its credentials or its target are others now;
-- those who waited for a token may go.
--
-- args: connectorId, basis (the connector's version that has them)
-- replies: dropped · kept (it is of that version already)
-- Twice: kept.
--- @include shard

local key = P .. ':a:' .. args.connectorId
if (tonumber(redis.call('HGET', key, 'basis') or nil) or 0) >= args.basis then return { 'kept' } end
redis.call('DEL', key)
redis.call('HSET', key, 'basis', args.basis)
if redis.call('EXISTS', P .. ':w:' .. args.connectorId) == 1 then redis.call('ZADD', P .. ':held', now, args.connectorId) end
return { 'dropped' }
