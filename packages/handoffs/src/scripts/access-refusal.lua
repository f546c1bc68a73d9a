#!lua flags=allow-oom
-- access-refusal tells whether CXone refused a connector's keys lately, so that nobody asks again too soon; with
-- `refused` it notes that it just did.
--
-- args: connectorId, basis (the connector's version that has these credentials and this target), refused? {detail,
-- httpStatus?, refusedMs} replies: none · refused, leftMs, detail Twice: the same; a refusal that is noted again lasts
-- from then on.
--- @include shard
--- @include jobs
--- @include gate
local args = cjson.decode(ARGV[1])

local key = P .. ':a:' .. args.connectorId
local basis = tonumber(call('HGET', key, 'basis') or nil) or 0
if args.basis < basis then return { 'none' } end
if args.refused then
  if args.basis > basis then call('DEL', key) end
  call('HSET', key, 'basis', args.basis, 'refused', 'credentials', 'refusedUntil', now + args.refused.refusedMs,
    'detail', args.refused.detail, 'httpStatus', args.refused.httpStatus or '')
  arm_if_parked(args.connectorId)
elseif args.basis > basis then
  return { 'none' }
end
local values = call('HMGET', key, 'refusedUntil', 'detail', 'refused')
local left = (tonumber(values[1]) or 0) - now
if left <= 0 or values[3] ~= 'credentials' then return { 'none' } end
return { 'refused', left, values[2] or '' }
