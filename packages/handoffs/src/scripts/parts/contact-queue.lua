--- @include connector-gate
-- A contact's queue: all its live handoffs, by when they first fell due, ties by acceptance (microseconds). A handoff
-- keeps its position through retries. One whose delay is not over comes after all that are due. The one being signalled
-- is first whatever the clock says, so that no contact is signalled twice at once.
local SENDING_FIRST = '0'

local function contact_key(record)
  local key = record.contact_key
  if not key then
    key = P .. ':contact:' .. record.cn .. ':' .. record.ct
    record.contact_key = key
  end
  return key
end

-- Added to the score of a run's item, so that it comes after every live handoff of its contact, also after later ones.
-- Microseconds: more than any clock shows, and a score still holds the sum exactly.
local AFTER_LIVE = 4e15

local function join_contact_queue(record)
  call('ZADD', contact_key(record), format_int(record.rp and record.ls + AFTER_LIVE or record.ls), record.id)
end

-- is_next_of_contact returns whether a queued handoff is the first of its contact, with none being sent.
local function is_next_of_contact(record)
  local first = call('ZRANGE', contact_key(record), 0, 0, 'WITHSCORES')
  return first[1] == record.id and first[2] ~= SENDING_FIRST
end

local function mark_as_sending_in_contact_queue(record) call('ZADD', contact_key(record), SENDING_FIRST, record.id) end

-- park_at_gate puts a queued handoff into its connector's queue. Its job is delayed to just past the deadline, so that
-- the handoff dies in time.
local function park_at_gate(record)
  call('ZADD', parked_key_of_handoff(record), format_int(math.max(record.ls, record.due * 1000)), record.id)
  call('ZADD', DUE, format_int(record.dl + 1), record.id)
  delay_job(job_id_of(record), record.dl + 1)
end

-- delay_job_until_due delays a queued handoff's job until the handoff is due.
local function delay_job_until_due(record)
  call('ZADD', DUE, format_int(record.due), record.id)
  delay_job(job_id_of(record), record.due)
end

-- park_handoff_of_other_version parks a handoff that another version of Baton wrote, for a worker of that version. One
-- that is due already needs nothing: its job reaches a worker by itself.
local function park_handoff_of_other_version(record, id)
  if (tonumber(call('ZSCORE', DUE, id) or nil) or 0) <= now then return end
  call('ZADD', parked_key(record.cn), format_int(now_us), id)
  schedule_gate_check_now(record.cn)
end

-- park_next_of_contact parks the first handoff of the contact, so that the next claim may take it. It does so only
-- where the job is delayed to just past the deadline: one that is ready, timed or unplaced moves by itself.
local function park_next_of_contact(record, next_id)
  local next_handoff, other_version = find_record(next_id)
  if other_version then return park_handoff_of_other_version(record, next_id) end
  if not next_handoff or next_handoff.st ~= 'queued' then return end
  if tonumber(call('ZSCORE', DUE, next_id) or nil) ~= next_handoff.dl + 1 then return end
  -- The clock stepped back since this handoff was due.
  if next_handoff.due > now then return delay_job_until_due(next_handoff) end
  park_at_gate(next_handoff)
  schedule_gate_check_now(next_handoff.cn)
end

-- advance_contact_queue parks the handoff that is first now, if another one was first before. If that fails, the one
-- that was first is not affected.
local function advance_contact_queue(record)
  local next_id = call('ZRANGE', contact_key(record), 0, 0)[1]
  if next_id and next_id ~= record.id then run_or_record_fault(next_id, park_next_of_contact, record, next_id) end
end

-- The handoffs that were first of their contact's queue before this script. Where a script sets this list,
-- advance_contact_queues_of_formerly_first checks all their queues at once.
local formerly_first = nil
local function advance_contact_queue_now_or_later(record)
  if formerly_first then formerly_first[#formerly_first + 1] = record else advance_contact_queue(record) end
end

-- leave_contact_queue removes a handoff, and advances the queue.
local function leave_contact_queue(record)
  call('ZREM', contact_key(record), record.id)
  advance_contact_queue_now_or_later(record)
end

-- rejoin_contact_queue puts a handoff that is sent no longer back to its position. Another may be before it: a live one
-- before a run's item, or one that was accepted after the clock stepped back. The queue advances to that one.
local function rejoin_contact_queue(record)
  join_contact_queue(record)
  advance_contact_queue_now_or_later(record)
end

-- advance_contact_queues_of_formerly_first first asks whether any of the queues still exists: most are empty.
local function advance_contact_queues_of_formerly_first()
  local keys = {}
  for i, record in ipairs(formerly_first) do keys[i] = contact_key(record) end
  if #keys == 0 or call('EXISTS', unpack(keys)) == 0 then return end
  for _, record in ipairs(formerly_first) do advance_contact_queue(record) end
end
