-- token-list tells a connector's tokens or screen-pop keys, in no order.
--
-- args: connectorId, kind (tokens|screen-pop-keys)
-- replies: not-found · found, flat list: id, createdAt, lastUsedAt, expiresAt, … ('' where there is none)
-- Twice: reads only.
--- @include registry

if redis.call('EXISTS', R .. ':cn:' .. args.connectorId) == 0 then return { 'not-found' } end
local flat = {}
for _, id in ipairs(redis.call('SMEMBERS', R .. ':' .. args.kind .. ':' .. args.connectorId)) do
  local values = redis.call('HMGET', R .. ':token:' .. id, 'createdAt', 'lastUsedAt', 'expiresAt')
  for _, value in ipairs({ id, values[1] or '', values[2] or '', values[3] or '' }) do flat[#flat + 1] = value end
end
return { 'found', flat }
