-- token-issue keeps the hash of a new connector token or screen-pop key; older ones of that connector and kind end after the overlap.
--
-- args: connectorId, kind (tokens|screen-pop-keys), tokenId, hash, overlapMs?, forgetMs (how long an ended one is still listed)
-- replies: not-found · issued, createdAt
-- Twice: the same token again.
--- @include registry

if redis.call('EXISTS', R .. ':cn:' .. args.connectorId) == 0 then return { 'not-found' } end
local mine = R .. ':' .. args.kind .. ':' .. args.connectorId
for _, other in ipairs(redis.call('SMEMBERS', mine)) do
  local key = R .. ':token:' .. other
  local ends = tonumber(redis.call('HGET', key, 'expiresAt') or nil)
  if ends and ends < now - args.forgetMs then
    redis.call('DEL', key)
    redis.call('SREM', mine, other)
  elseif args.overlapMs and other ~= args.tokenId and (not ends or ends > now + args.overlapMs) then
    redis.call('HSET', key, 'expiresAt', now + args.overlapMs)
  end
end
redis.call('SADD', mine, args.tokenId)
redis.call('HSET', R .. ':token:' .. args.tokenId, 'connectorId', args.connectorId, 'hash', args.hash, 'createdAt', now)
changed()
return { 'issued', now }
