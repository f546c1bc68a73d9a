-- put_back queues a dead letter again, with a new deadline, attempt budget and generation, and a job that is in no list
-- yet. `rp` names the run that did it; it is '' for none. `traceparent` is the operator's request, nil for none.
local function put_back(record, deadline, rp, traceparent)
  unindex_dead(record)
  remove_dead_letter(record)
  set(record, 'st', 'queued', 'why', '', 'cause', '', 'end', '', 'gen', int(record.gen + 1), 'due', NOW,
    'dl', int(deadline), 'ls', int(now_us), 'used', '0', 'rep', int(record.rep + 1), 'was', int(record.total),
    'tok', '', 'settled', '', 'wk', '', 'rp', rp,
    'rtp', traceparent or '')
  join_contact_queue(record)
  add_job(record)
end
