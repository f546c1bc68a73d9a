#!lua flags=allow-oom
-- change-run changes a run for an operator or a worker.
--
-- args:      run, kind
--            change              pause | resume | cancel | complete | rate | forget
--            because?            reason of a pause
--            rate?               the new rate
--            version?            a worker's: change the run only if it still has this version
-- replies:   changed, version · not-found · ended, status · stale
-- Run again: the same state: a run that is paused, running or cancelled already stays so.
--- @include run-keys-and-status
local key = run_key(args.run)
local fields = redis.call('HMGET', key, 'kind', 'status', 'version', 'because')
local kind, status, version, because = fields[1], fields[2], fields[3], fields[4]
if not kind or kind ~= args.kind or status == 'planned' then return { 'not-found' } end
if args.version and args.version ~= tonumber(version) then return { 'stale' } end

local function changed_reply() return { 'changed', redis.call('HGET', key, 'version') or 0 } end

if args.change == 'forget' then
  if not is_over(status) then return { 'ended', status } end
  redis.call('ZREM', runs_key(kind), args.run)
  redis.call('ZREM', status_key(kind, status), args.run)
  redis.call('DEL', key)
  return { 'changed', 0 }
end
if args.change == 'cancel' and status == 'cancelled' then return changed_reply() end
if is_over(status) then return { 'ended', status } end
if args.change == 'pause' and status == 'running' then
  set_status(args.run, kind, status, 'paused')
  redis.call('HSET', key, 'because', args.because)
elseif args.change == 'resume' and status == 'paused' then
  set_status(args.run, kind, status, 'running')
  redis.call('HSET', key, 'resumedAt', now, 'tokens', 0, 'countedAt', now)
  if because == 'first' then redis.call('HSET', key, 'firstIsOver', 1) end
  redis.call('HDEL', key, 'because')
elseif args.change == 'cancel' or args.change == 'complete' then
  set_status(args.run, kind, status, args.change == 'cancel' and 'cancelled' or 'completed')
  redis.call('HDEL', key, 'because')
elseif args.change == 'rate' then
  redis.call('HSET', key, 'rate', args.rate)
end
return changed_reply()
