--- @include contact-queue
--- @include dead-letter-index
-- requeue_dead_letter queues a dead letter again, with a new deadline, attempt budget and generation, and a job that is
-- in no list yet. `rp` names the run that did it; it is '' for none. `traceparent` is the operator's request, nil for
-- none.
local function requeue_dead_letter(record, deadline, rp, traceparent)
  unindex_dead_letter(record)
  remove_dead_letter_job(record)
  set_record_fields(record, 'st', 'queued', 'why', '', 'cause', '', 'end', '', 'gen', format_int(record.gen + 1),
    'due', NOW, 'dl', format_int(deadline), 'ls', format_int(now_us), 'used', '0', 'rep', format_int(record.rep + 1),
    'was', format_int(record.total), 'tok', '', 'settled', '', 'wk', '', 'rp', rp,
    'rtp', traceparent or '')
  join_contact_queue(record)
  add_job(record)
end
