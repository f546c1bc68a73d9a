#!lua flags=allow-oom
-- access-fail remembers that a fetch failed, so that nobody asks again too soon.
--
-- args: connectorId, lease, kind (credentials|configuration|unavailable), detail, httpStatus?, retryAfterMs?, chance,
-- backoff {baseMs, capMs}, refusedMs replies: noted, until · lost Twice: the second is lost.
--- @include shard
--- @include jobs
--- @include gate
local args = cjson.decode(ARGV[1])

local key = P .. ':a:' .. args.connectorId
if call('HGET', key, 'lease') ~= args.lease then return { 'lost' } end
local forced = call('HGET', key, 'forced')
call('HDEL', key, 'lease', 'leaseUntil', 'forced')
local held_until
if args.kind == 'unavailable' then
  local failures = call('HINCRBY', key, 'failures', 1)
  local ceiling = math.min(args.backoff.capMs, args.backoff.baseMs * 2 ^ math.min(failures - 1, 30))
  local wait = math.max(args.retryAfterMs or 0, math.floor(ceiling / 2 * (1 + args.chance)))
  held_until = now + wait
  call('HSET', key, 'retryAt', held_until, 'detail', args.detail)
else
  held_until = now + args.refusedMs
  if forced and forced ~= '' then call('HSET', key, 'renewedAt:' .. forced, now) end
  call('HSET', key, 'refused', args.kind, 'refusedUntil', held_until, 'detail', args.detail, 'httpStatus', args.httpStatus or '')
end
arm_if_parked(args.connectorId)
return { 'noted', held_until }
