#!lua flags=allow-oom
-- replay-dead-letter queues a dead letter again, with a new deadline, attempt budget and generation, and moves its job
-- from the dead letters to the handoffs.
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
--- @include estimate-new-handoff-lateness
--- @include list-public-record-fields
--- @include handoff-endings
--- @include requeue-dead-letter
local args = cjson.decode(ARGV[1])

local function replay()
  if now > args.commandDeadline then return { 'late' } end
  local record = find_record_or_fail(args.id)
  if not record then return { 'not-found' } end
  expire_if_overdue(record, args.fenceMs)
  flush_gathered_writes()
  if record.st ~= 'dead' then return { 'not-dead' } end
  local gate = gate_of_connector(record.cn)
  if gate.is_deleted then return { 'closed' } end
  if record.may == '1' and not args.force then return { 'may-duplicate' } end
  gate.queued = call('ZCARD', queued_key(record.cn))
  if gate.queued >= args.maxPending then return { 'full', 1000 } end
  local rate = args.rate and { per_second = args.rate.perSecond, burst = args.rate.burst }
  local deadline = now + (args.deadlineMs or tonumber(record.dms))
  local late_ms, why = estimate_lateness(gate, rate, { due = now, deadline = deadline }, args.pausedUntil)
  if late_ms > 0 then return { 'no-slot', late_ms, why } end

  requeue_dead_letter(record, deadline, '', args.traceparent)
  gather_write('ZADD', DUE, NOW, args.id)
  gather_write('ZADD', queued_key(record.cn), NOW, args.id)
  gather_write('ZADD', deadlines_key(record.cn), format_int(deadline), args.id)
  add_to_wait_list(job_id_of(record))
  return { 'replayed', list_public_fields(record) }
end

local reply = replay()
flush_gathered_writes()
wake_workers_by_marker()
return reply
