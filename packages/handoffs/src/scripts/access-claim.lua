#!lua flags=allow-oom
-- access-claim asks for a connector's CXone access (token and address); one process fetches it for all.
--
-- args: connectorId, basis (the connector's version that has these credentials and this target), lease, leaseMs,
--       replacing? (version of an access that CXone refused), what (token|address), renewalIntervalMs
-- replies: cached, access · lease, access|'' · busy, until · waiting, until, detail · refused, reason, httpStatus,
-- detail · not-allowed Twice: with the same lease, `lease` again while it lasts.
--- @include shard
local args = cjson.decode(ARGV[1])

local key = P .. ':a:' .. args.connectorId
-- Another basis is another access: a newer one ends it, and who asks with an older one has not heard of the change yet.
local basis = tonumber(call('HGET', key, 'basis') or nil) or 0
if args.basis < basis then return { 'busy', now + 1000 } end
if args.basis > basis then
  call('DEL', key)
  call('HSET', key, 'basis', args.basis)
end

local values = call('HMGET', key, 'access', 'expiresAt', 'version', 'lease', 'leaseUntil', 'retryAt', 'detail', 'refused', 'refusedUntil',
  'httpStatus', 'renewedAt:' .. args.what, 'renewFrom')
local access, expires, version, lease = values[1], tonumber(values[2]) or 0, values[3], values[4]
local lease_until, retry_at, refused_until = tonumber(values[5]) or 0, tonumber(values[6]) or 0, tonumber(values[9]) or 0
local renewed_at = tonumber(values[11]) or 0

local usable = access and access ~= '' and expires > now
local leased = lease and lease ~= '' and lease ~= args.lease and lease_until > now
if usable and version ~= args.replacing then
  local renew_ahead = (tonumber(values[12]) or 0) <= now and not leased and retry_at <= now and refused_until <= now
  if not renew_ahead then return { 'cached', access } end
end
if refused_until > now then return { 'refused', values[8], values[10] or '', values[7] or '' } end
if leased then return { 'busy', lease_until } end
if retry_at > now then return { 'waiting', retry_at, values[7] or '' } end
local forced = usable and version == args.replacing
if forced and renewed_at + args.renewalIntervalMs > now then return { 'not-allowed' } end

-- A forced renewal counts against the interval once CXone has answered it, in access-grant or access-fail.
call('HSET', key, 'lease', args.lease, 'leaseUntil', now + args.leaseMs, 'forced', forced and args.what or '')
-- A refused token serves nobody: whoever asks meanwhile waits for the new one.
if forced and args.what == 'token' then call('HDEL', key, 'access') end
return { 'lease', usable and access or '' }
