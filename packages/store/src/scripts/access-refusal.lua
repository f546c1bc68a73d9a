-- access-refusal tells whether CXone refused a connector's keys lately, so that nobody asks again too soon; with `refused` it notes that it just did.
--
-- args: connectorId, basis (the connector's version that has these credentials and this target), refused? {detail, httpStatus?, refusedMs}
-- replies: none · refused, leftMs, detail
-- Twice: the same; a refusal that is noted again lasts from then on.
--- @include shard

local key = P .. ':a:' .. args.connectorId
local basis = tonumber(redis.call('HGET', key, 'basis') or nil) or 0
if args.basis < basis then return { 'none' } end
if args.refused then
  if args.basis > basis then redis.call('DEL', key) end
  redis.call('HSET', key, 'basis', args.basis, 'refused', 'credentials', 'refusedUntil', now + args.refused.refusedMs,
    'detail', args.refused.detail, 'httpStatus', args.refused.httpStatus or '')
  if redis.call('EXISTS', P .. ':w:' .. args.connectorId) == 1 then redis.call('ZADD', P .. ':held', now, args.connectorId) end
elseif args.basis > basis then
  return { 'none' }
end
local values = redis.call('HMGET', key, 'refusedUntil', 'detail', 'refused')
local left = (tonumber(values[1]) or 0) - now
if left <= 0 or values[3] ~= 'credentials' then return { 'none' } end
return { 'refused', left, values[2] or '' }
