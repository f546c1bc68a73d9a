-- token-issue keeps the hash of a new connector token; older ones of that connector end after the overlap.
--
-- args: connectorId, tokenId, hash, overlapMs?
-- replies: not-found · issued, createdAt
-- Twice: the same token again.
--- @include registry

if redis.call('EXISTS', R .. ':cn:' .. args.connectorId) == 0 then return { 'not-found' } end
local mine = R .. ':tokens:' .. args.connectorId
if args.overlapMs then
  for _, other in ipairs(redis.call('SMEMBERS', mine)) do
    local key = R .. ':token:' .. other
    local ends = tonumber(redis.call('HGET', key, 'expiresAt'))
    if other ~= args.tokenId and (not ends or ends > now + args.overlapMs) then redis.call('HSET', key, 'expiresAt', now + args.overlapMs) end
  end
end
redis.call('SADD', mine, args.tokenId)
redis.call('HSET', R .. ':token:' .. args.tokenId, 'connectorId', args.connectorId, 'hash', args.hash, 'createdAt', now)
changed()
return { 'issued', now }
