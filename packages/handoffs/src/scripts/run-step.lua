#!lua flags=allow-oom
-- run-step replays or discards the next items of a run in this shard, the oldest first. Items and how far the run is
-- change in the same script, so each is done once, whoever asks however often.
--
-- args: run, version, validUntil, isDiscard, quota (how many it replays or discards), includeUnknown, deadlineMs?,
-- fenceMs,
--       connectors: [{id, most (parked items of runs), isDeleted?, place? (of its next item, as it was when CXone was
--                   asked), asked?
--       (how many of its next items CXone was asked about), ended? (ids of those whose contact has ended)}]
-- replies: stale · late · stepped, replayed, discarded, skipped (flat: reason, count), faults
-- Twice: the second takes the next items.
--- @include shard
--- @include jobs
--- @include gate
--- @include contact-queue
--- @include waiting
--- @include cause
--- @include dead-letter-index
--- @include runs
--- @include run-room
--- @include minutes
--- @include ending
--- @include put-back
local args = cjson.decode(ARGV[1])
local run, key = args.run, run_key(args.run)

-- How many items one step looks at: those that it skips cost no rate.
local MOST_LOOKED_AT, CHUNK = 200, 20

if now > args.validUntil then return { 'late' } end
if is_fenced(run, args.version) then return { 'stale' } end

local quota, looked_at, skipped = args.quota, 0, {}
local replayed, discarded = 0, 0

-- judge gives why an item is left alone, nil where it is taken.
local function judge(record, other_version, item, connector)
  if other_version then return 'other-version' end
  if not record then return 'gone' end
  if record.st == 'discarded' then return 'discarded' end
  if record.st ~= 'dead' then return 'replayed' end
  if record.gen ~= item.generation then return 'changed' end
  if record.may == '1' and not args.includeUnknown then return 'may-have-arrived' end
  if connector.ended[item.id] then return 'contact-ended' end
  if not args.isDiscard and (connector.isDeleted or gate_of(record.cn).is_deleted) then return 'connector-deleted' end
end

local function discard(record)
  unindex_dead(record)
  remove_dead_letter(record)
  set(record, 'st', 'discarded', 'end', NOW)
  forget_params(record.id)
  gather('ZADD', P .. ':ended', NOW, record.id)
  discarded = discarded + 1
end

-- replay puts an item back behind its connector's live handoffs, or behind another one of its contact.
local function replay(record, connector)
  put_back(record, now + (args.deadlineMs or tonumber(record.dms)), run .. '.' .. connector.at)
  if is_next(record) then
    park(record)
    connector.is_armed = true
  else
    call('ZADD', DUE, int(record.dl + 1), record.id)
    postpone(job_of(record), record.dl + 1)
  end
  connector.outstanding = connector.outstanding + 1
  connector.room = connector.room - 1
  replayed = replayed + 1
end

local function work(item, connector)
  local record, other_version = find(item.id)
  local reason = judge(record, other_version, item, connector)
  if reason then return slot_of('s', reason), reason end
  quota = quota - 1
  if args.isDiscard then
    discard(record)
    return slot_of('g')
  end
  replay(record, connector)
  return slot_of('r')
end

-- next_item reads the list of a connector a chunk at a time.
local function next_item(connector)
  local chunk_at = connector.at - connector.chunk_from
  if not connector.chunk[chunk_at + 1] then
    connector.chunk_from = connector.at
    connector.chunk = call('LRANGE', items_key(run, connector.id), connector.at, connector.at + CHUNK - 1)
    chunk_at = 0
  end
  local text = connector.chunk[chunk_at + 1]
  if not text then return nil end
  local died, generation, id = string.match(text, '^(%d+)%.(%d+)%.(.*)$')
  return { died_at = tonumber(died), generation = generation, id = id }
end

local function take(connector)
  local item = connector.next
  looked_at = looked_at + 1
  local count = #faults
  local slot = each(item.id, function()
    local written, reason = work(item, connector)
    if reason then skipped[reason] = (skipped[reason] or 0) + 1 end
    return written
  end)
  if #faults > count then
    slot = slot_of('s', 'failed')
    skipped.failed = (skipped.failed or 0) + 1
  end
  connector.results[#connector.results + 1] = slot
  connector.at = connector.at + 1
  connector.next = next_item(connector)
end

-- open finds where a connector is; nothing where it has no room, or where CXone was asked about other items than are
-- next now.
local function open(asked)
  local at = place_of(run, asked.id)
  if asked.place and asked.place ~= at then return nil end
  local connector = { id = asked.id, at = at, isDeleted = asked.isDeleted, ended = {}, results = {}, outstanding = 0,
    chunk = {}, chunk_from = at }
  connector.room = args.isDiscard and math.huge or room_of(run, asked.id, asked.most)
  if connector.isDeleted then connector.room = math.huge end
  if asked.asked then connector.until_place = at + asked.asked end
  for _, id in ipairs(asked.ended or {}) do connector.ended[id] = true end
  connector.next = next_item(connector)
  return connector
end

local function can_go(connector)
  return connector.next and connector.room > 0 and (not connector.until_place or connector.at < connector.until_place)
end

-- oldest gives the connector whose next item died first, of those that can go.
local function oldest(connectors)
  local found
  for _, connector in ipairs(connectors) do
    if can_go(connector) and (not found or connector.next.died_at < found.next.died_at) then found = connector end
  end
  return found
end

local function close(connector)
  if #connector.results == 0 then return end
  call('APPEND', results_key(run, connector.id), table.concat(connector.results))
  if connector.next then
    call('ZADD', key .. ':next', int(connector.next.died_at), connector.id)
  else
    call('ZREM', key .. ':next', connector.id)
  end
  if connector.outstanding > 0 then call('HINCRBY', key, 'outstanding:' .. connector.id, connector.outstanding) end
  if connector.is_armed then arm(connector.id) end
end

local connectors = {}
for _, asked in ipairs(args.connectors) do connectors[#connectors + 1] = open(asked) end
while quota > 0 and looked_at < MOST_LOOKED_AT do
  local connector = oldest(connectors)
  if not connector then break end
  take(connector)
end
for _, connector in ipairs(connectors) do close(connector) end
if replayed > 0 then call('HINCRBY', key, 'replayed', replayed) end
if discarded > 0 then call('HINCRBY', key, 'discarded', discarded) end
local skips = {}
for reason, count in pairs(skipped) do
  call('HINCRBY', key, 'skip:' .. reason, count)
  skips[#skips + 1] = reason
  skips[#skips + 1] = count
end
flush()
set_marker()
return { 'stepped', replayed, discarded, skips, faults }
