-- run-items reads a run's items in this shard, by connector in the order in which they were found, the oldest first.
--
-- args: run, from {connector (its place among the run's, from 0), item (its place in the list)}, result? (only these),
-- limit, scan
--       (how many items it looks at, at most)
-- replies: place of the connector and of the item to go on from ('' at the end), flat list: handoff, result, reason,
-- moment, … Twice: the same, but for what became of items meanwhile.
--- @include shard
--- @include runs
local args = cjson.decode(ARGV[1])

local STEP = 200
local found, scanned = {}, 0

local function tell(item, slot)
  local letter, reason, at = string.match(slot, '^(.)(.)(%d+)$')
  local result = letter and RESULTS[letter] or 'waiting'
  if args.result and args.result ~= result then return end
  for _, value in ipairs({ string.match(item, '^%d+%.%d+%.(.*)$'), result, reason and REASONS[reason] or '', at or died_at(item) }) do
    found[#found + 1] = value
  end
end

-- read_connector goes on until a page is full; gives the item to go on from then.
local function read_connector(connector, from)
  while true do
    local items = call('LRANGE', items_key(args.run, connector), from, from + STEP - 1)
    local slots = call('GETRANGE', results_key(args.run, connector), from * SLOT, (from + STEP) * SLOT - 1)
    for i, item in ipairs(items) do
      if #found >= args.limit * 4 or scanned >= args.scan then return from + i - 1 end
      scanned = scanned + 1
      tell(item, string.sub(slots, (i - 1) * SLOT + 1, i * SLOT))
    end
    if #items < STEP then return nil end
    from = from + STEP
  end
end

local place, item = args.from.connector, args.from.item
while true do
  local connector = call('ZRANGE', run_key(args.run) .. ':of', place, place)[1]
  if not connector then return { '', '', found } end
  local left = read_connector(connector, item)
  if left then return { place, left, found } end
  place, item = place + 1, 0
end
