-- list-run-items reads a run's items in this shard: by connector in the order in which they were found, the oldest item
-- first.
--
-- args:      run, from {connector (its position in the run, from 0), item (its position in the list)}
--            result?, because?   only items with this result, skipped for this reason
--            cancelledAt?        when the run was cancelled: it skipped what was not taken by then
--            limit, scan         how many items to return, and how many to read, at most
-- replies:   positions of the connector and the item to go on from ('' at the end),
--            flat list of handoff, result, reason, moment, …
-- Run again: the same reply, except for items that were processed meanwhile.
--- @include run-keys-and-results
local args = cjson.decode(ARGV[1])

local STEP = 200
local found, scanned = {}, 0

local function add_item_to_page(item, entry)
  local code, reason, at = string.match(entry, '^(.)(.)(%d+)$')
  local result, because = RESULTS[code], REASONS[reason] or ''
  if not code and args.cancelledAt then
    result, because, at = 'skipped', 'run-cancelled', format_int(args.cancelledAt)
  elseif not code then
    result, at = 'waiting', died_at_of_item(item)
  end
  if args.result and args.result ~= result then return end
  if args.because and args.because ~= because then return end
  local id = string.match(item, '^%d+%.%d+%.(.*)$')
  for _, value in ipairs({ id, result, because, at }) do
    found[#found + 1] = value
  end
end

-- read_items_of_connector reads items until the page is full; it returns the position to go on from, nil at the end of
-- the list.
local function read_items_of_connector(connector, from)
  while true do
    local items = call('LRANGE', run_items_key(args.run, connector), from, from + STEP - 1)
    local first, last = from * RESULT_LENGTH, (from + STEP) * RESULT_LENGTH - 1
    local entries = call('GETRANGE', run_results_key(args.run, connector), first, last)
    for i, item in ipairs(items) do
      if #found >= args.limit * 4 or scanned >= args.scan then return from + i - 1 end
      scanned = scanned + 1
      add_item_to_page(item, string.sub(entries, (i - 1) * RESULT_LENGTH + 1, i * RESULT_LENGTH))
    end
    if #items < STEP then return nil end
    from = from + STEP
  end
end

local position, item = args.from.connector, args.from.item
while true do
  local connector = call('HGET', run_key(args.run), 'of:' .. position)
  if not connector then return { '', '', found } end
  local stopped_at = read_items_of_connector(connector, item)
  if stopped_at then return { position, stopped_at, found } end
  position, item = position + 1, 0
end
