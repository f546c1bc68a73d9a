-- A contact's queue: all its live handoffs, by when they fell due first, ties by acceptance (microseconds). A handoff
-- keeps its place through retries; one whose delay is not over stands behind everybody who is due. Who is being
-- signalled stands first, whatever the clock says: so no contact is ever signalled twice at once.
local SENDING_FIRST = '0'

local function contact_key(record)
  local key = record.contact_key
  if not key then
    key = P .. ':contact:' .. record.cn .. ':' .. record.ct
    record.contact_key = key
  end
  return key
end

-- An item of a run stands behind every live handoff of its contact, also behind those that come later. Microseconds:
-- more than any clock shows, and together with it less than a score holds exactly.
local BEHIND_LIVE = 4e15

local function join_contact_queue(record)
  call('ZADD', contact_key(record), int(record.rp and record.ls + BEHIND_LIVE or record.ls), record.id)
end

-- is_next tells whether a queued handoff may be signalled as far as its contact goes.
local function is_next(record)
  local first = call('ZRANGE', contact_key(record), 0, 0, 'WITHSCORES')
  return first[1] == record.id and first[2] ~= SENDING_FIRST
end

local function stand_first(record) call('ZADD', contact_key(record), SENDING_FIRST, record.id) end

-- park puts a queued handoff into its connector's queue. Its job lies aside until the deadline, so that it dies in
-- time.
local function park(record)
  call('ZADD', parking_of(record), int(math.max(record.ls, record.due * 1000)), record.id)
  call('ZADD', DUE, int(record.dl + 1), record.id)
  postpone(job_of(record), record.dl + 1)
end

-- wait_until_due has a queued handoff wait for its own moment.
local function wait_until_due(record)
  call('ZADD', DUE, int(record.due), record.id)
  postpone(job_of(record), record.due)
end

-- show_to_other_version parks a handoff that another version of Baton wrote, unless it is on its way to a worker: a
-- worker of that version gives it its place.
local function show_to_other_version(record, id)
  if (tonumber(call('ZSCORE', DUE, id) or nil) or 0) <= now then return end
  call('ZADD', parked_key(record.cn), int(now_us), id)
  arm(record.cn)
end

-- let_next_go parks who is next now at its connector, for the next claim. Only who lies aside is looked at no sooner
-- than past its deadline: one that is on its way to a worker, waits for its moment or has no job yet moves by itself.
local function let_next_go(record, next_id)
  local following, other_version = find(next_id)
  if other_version then return show_to_other_version(record, next_id) end
  if not following or following.st ~= 'queued' then return end
  if tonumber(call('ZSCORE', DUE, next_id) or nil) ~= following.dl + 1 then return end
  -- It was put aside when it was due, before the clock stepped back.
  if following.due > now then return wait_until_due(following) end
  park(following)
  arm(following.cn)
end

-- let_first_go lets go whoever is first now. Should that one be broken, it is no matter of the one's that left.
local function let_first_go(record)
  local next_id = call('ZRANGE', contact_key(record), 0, 0)[1]
  if next_id then each(next_id, let_next_go, record, next_id) end
end

-- Those who left their contact's queue, where a script begins none itself: let_next_ones_go then looks once for all.
local left = nil

-- leave_contact_queue takes a handoff out, and lets the next one go.
local function leave_contact_queue(record)
  call('ZREM', contact_key(record), record.id)
  if left then left[#left + 1] = record else let_first_go(record) end
end

-- let_next_ones_go: of most contacts nobody is left.
local function let_next_ones_go()
  local keys = {}
  for i, record in ipairs(left) do keys[i] = contact_key(record) end
  if #keys == 0 or call('EXISTS', unpack(keys)) == 0 then return end
  for _, record in ipairs(left) do let_first_go(record) end
end
