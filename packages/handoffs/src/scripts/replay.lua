#!lua flags=allow-oom
-- replay queues a dead letter again, with a new deadline, attempt budget and generation, and moves its job from the
-- dead letters to the handoffs.
--
-- args:      id, deadlineMs?, force, rate? {perSecond, burst}, pausedUntil?, maxPending, commandDeadline, fenceMs,
--            traceparent? (of the operator's request)
-- replies:   replayed, record
--            late · not-found · not-dead
--            closed                   its connector is being deleted
--            may-duplicate            it may have arrived, and `force` is not set
--            full, retryAfterMs       as for accept
--            no-slot, retryAfterMs, why  as for accept
-- Run again: replies not-dead; of two replays at once, only one succeeds.
--- @include shard
--- @include jobs
--- @include gate
--- @include estimate
--- @include contact-queue
--- @include waiting
--- @include public-fields
--- @include cause
--- @include dead-letter-index
--- @include minutes
--- @include ending
--- @include put-back
local args = cjson.decode(ARGV[1])

local function replay()
  if now > args.commandDeadline then return { 'late' } end
  local record = find_or_fail(args.id)
  if not record then return { 'not-found' } end
  expire(record, args.fenceMs)
  flush()
  if record.st ~= 'dead' then return { 'not-dead' } end
  local gate = gate_of(record.cn)
  if gate.is_deleted then return { 'closed' } end
  if record.may == '1' and not args.force then return { 'may-duplicate' } end
  gate.queued = call('ZCARD', queued_key(record.cn))
  if gate.queued >= args.maxPending then return { 'full', 1000 } end
  local rate = args.rate and { per_second = args.rate.perSecond, burst = args.rate.burst }
  local deadline = now + (args.deadlineMs or tonumber(record.dms))
  local late_ms, why = lateness(gate, rate, { due = now, deadline = deadline }, args.pausedUntil)
  if late_ms > 0 then return { 'no-slot', late_ms, why } end

  put_back(record, deadline, '', args.traceparent)
  gather('ZADD', DUE, NOW, args.id)
  gather('ZADD', queued_key(record.cn), NOW, args.id)
  gather('ZADD', deadlines_key(record.cn), int(deadline), args.id)
  make_ready(job_of(record))
  return { 'replayed', public_fields(record) }
end

local reply = replay()
flush()
set_marker()
return reply
