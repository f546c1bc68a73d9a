#!lua flags=allow-oom
-- replay-or-discard-run-items replays or discards the next items of a run in this shard, the oldest first. Items and
-- the run's progress change in one script, so each item is processed once.
--
-- args:      run, version, commandDeadline, isDiscard
--            quota               how many items to replay or discard
--            includeUnknown      whether to take those that may have arrived
--            deadlineMs?, fenceMs
--            traceparent?        of the request that started the run
--            connectors          list of:
--              id                  the connector
--              most                how many items of runs may be parked there
--              isDeleted?          the connector was deleted
--              place?              position of the next item when CXone was asked about contacts
--              asked?              how many items from there CXone was asked about
--              ended?              ids of items whose contact has ended
-- replies:   stepped, replayed, discarded, skipped (flat: reason, count), faults · stale · late
-- Run again: processes the next items.
--- @include count-takeable-run-items
--- @include handoff-endings
--- @include requeue-dead-letter
local args = cjson.decode(ARGV[1])
local run, key = args.run, run_key(args.run)

-- How many items one step reads: items that are skipped use none of the quota.
local MAX_READ, CHUNK = 200, 20

if now > args.commandDeadline then return { 'late' } end
if is_stale_run_version(run, args.version) then return { 'stale' } end

local quota, read_count, skipped = args.quota, 0, {}
local replayed, discarded = 0, 0

-- skip_reason returns why an item is skipped; nil where it is processed.
local function skip_reason(record, other_version, item, connector)
  if other_version then return 'other-version' end
  if not record then return 'gone' end
  if record.st == 'discarded' then return 'discarded' end
  if record.st ~= 'dead' then return 'replayed' end
  if record.gen ~= item.generation then return 'changed' end
  if record.may == '1' and not args.includeUnknown then return 'may-have-arrived' end
  if connector.ended[item.id] then return 'contact-ended' end
  if not args.isDiscard and (connector.isDeleted or gate_of_connector(record.cn).is_deleted) then
    return 'connector-deleted'
  end
end

local function discard_item(record)
  unindex_dead_letter(record)
  remove_dead_letter_job(record)
  set_record_fields(record, 'st', 'discarded', 'end', NOW)
  delete_params(record.id)
  gather_write('ZADD', P .. ':ended', NOW, record.id)
  discarded = discarded + 1
end

-- replay_item parks an item behind its connector's live handoffs, or puts it behind another handoff of its contact.
local function replay_item(record, connector)
  local deadline = now + (args.deadlineMs or tonumber(record.dms))
  requeue_dead_letter(record, deadline, run .. '.' .. connector.at, args.traceparent)
  gather_write('ZADD', queued_replays_key(record.cn), NOW, record.id)
  if is_next_of_contact(record) then
    park_at_gate(record)
    connector.is_scheduled = true
  else
    call('ZADD', DUE, format_int(record.dl + 1), record.id)
    delay_job(job_id_of(record), record.dl + 1)
  end
  connector.outstanding = connector.outstanding + 1
  connector.room = connector.room - 1
  replayed = replayed + 1
end

local function process_item(item, connector)
  local record, other_version = find_record(item.id)
  local reason = skip_reason(record, other_version, item, connector)
  if reason then return format_item_result('s', reason), reason end
  quota = quota - 1
  if args.isDiscard then
    discard_item(record)
    return format_item_result('g')
  end
  replay_item(record, connector)
  return format_item_result('r')
end

-- read_next_item reads the list of a connector in chunks.
local function read_next_item(connector)
  local chunk_at = connector.at - connector.chunk_from
  if not connector.chunk[chunk_at + 1] then
    connector.chunk_from = connector.at
    connector.chunk = call('LRANGE', run_items_key(run, connector.id), connector.at, connector.at + CHUNK - 1)
    chunk_at = 0
  end
  local text = connector.chunk[chunk_at + 1]
  if not text then return nil end
  local died, generation, id = string.match(text, '^(%d+)%.(%d+)%.(.*)$')
  return { died_at = tonumber(died), generation = generation, id = id }
end

local function process_next_item(connector)
  local item = connector.next
  read_count = read_count + 1
  local count = #faults
  local entry = run_or_record_fault(item.id, function()
    local written, reason = process_item(item, connector)
    if reason then skipped[reason] = (skipped[reason] or 0) + 1 end
    return written
  end)
  if #faults > count then
    entry = format_item_result('s', 'failed')
    skipped.failed = (skipped.failed or 0) + 1
  end
  connector.results[#connector.results + 1] = entry
  connector.at = connector.at + 1
  connector.next = read_next_item(connector)
end

-- read_connector_progress reads how far a connector is. It returns nil where CXone was asked about other items than the
-- next ones.
local function read_connector_progress(request)
  local at = next_run_item_position(run, request.id)
  if request.place and request.place ~= at then return nil end
  local connector = { id = request.id, at = at, isDeleted = request.isDeleted, ended = {}, results = {},
    outstanding = 0, chunk = {}, chunk_from = at }
  connector.room = args.isDiscard and math.huge or count_takeable_items(run, request.id, request.most)
  if connector.isDeleted then connector.room = math.huge end
  if request.asked then connector.until_position = at + request.asked end
  for _, id in ipairs(request.ended or {}) do connector.ended[id] = true end
  connector.next = read_next_item(connector)
  return connector
end

local function may_take_items_of_connector(connector)
  return connector.next and connector.room > 0
    and (not connector.until_position or connector.at < connector.until_position)
end

-- connector_with_oldest_item returns the connector whose next item died first, of those that may be processed.
local function connector_with_oldest_item(connectors)
  local found
  for _, connector in ipairs(connectors) do
    local may_take = may_take_items_of_connector(connector)
    if may_take and (not found or connector.next.died_at < found.next.died_at) then found = connector end
  end
  return found
end

local function write_connector_progress(connector)
  if #connector.results == 0 then return end
  call('APPEND', run_results_key(run, connector.id), table.concat(connector.results))
  if connector.next then
    call('ZADD', key .. ':next', format_int(connector.next.died_at), connector.id)
  else
    call('ZREM', key .. ':next', connector.id)
  end
  if connector.outstanding > 0 then call('HINCRBY', key, 'outstanding:' .. connector.id, connector.outstanding) end
  if connector.is_scheduled then schedule_gate_check_now(connector.id) end
end

local connectors = {}
for _, request in ipairs(args.connectors) do connectors[#connectors + 1] = read_connector_progress(request) end
while quota > 0 and read_count < MAX_READ do
  local connector = connector_with_oldest_item(connectors)
  if not connector then break end
  process_next_item(connector)
end
for _, connector in ipairs(connectors) do write_connector_progress(connector) end
if replayed > 0 then call('HINCRBY', key, 'replayed', replayed) end
if discarded > 0 then call('HINCRBY', key, 'discarded', discarded) end
local skips = {}
for reason, count in pairs(skipped) do
  call('HINCRBY', key, 'skip:' .. reason, count)
  skips[#skips + 1] = reason
  skips[#skips + 1] = count
end
flush_gathered_writes()
wake_workers_by_marker()
return { 'stepped', replayed, discarded, skips, faults }
