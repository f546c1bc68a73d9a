-- access-drop forgets a connector's access and how its last fetch failed, because its credentials or its target are others now;
-- without `basis` only the wait that a failed fetch asked for. Those who waited for a token may go.
--
-- args: connectorId, basis? (the connector's version that has them)
-- replies: dropped · kept (it is of that version already, or nobody waits)
-- Twice: kept.
--- @include shard

local key = P .. ':a:' .. args.connectorId
if args.basis then
  if (tonumber(redis.call('HGET', key, 'basis') or nil) or 0) >= args.basis then return { 'kept' } end
  redis.call('DEL', key)
  redis.call('HSET', key, 'basis', args.basis)
else
  if (tonumber(redis.call('HGET', key, 'retryAt') or nil) or 0) <= now then return { 'kept' } end
  redis.call('HDEL', key, 'retryAt', 'failures')
end
if redis.call('EXISTS', P .. ':w:' .. args.connectorId) == 1 then redis.call('ZADD', P .. ':held', now, args.connectorId) end
return { 'dropped' }
