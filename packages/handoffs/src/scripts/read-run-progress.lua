#!lua flags=allow-oom
-- read-run-progress returns a run's progress in this shard, and which connectors may take its next items now.
--
-- args:      run, version
--            offset, limit       of the connectors, by the age of their next item
--            upcoming            how many items of each connector to return
--            isDiscard?          the run discards: every connector takes items
-- replies:   stale
--            looked, matched, replayed, discarded, delivered, died, skipped, last (the last fifty results, as text),
--            count of connectors with items left, rows
--              row: connectorId, when its next item died, position of that item,
--                   upcoming (flat: handoff, contact; '' for the contact of one that is no longer dead)
-- Run again: the same reply.
--- @include count-takeable-run-items
local args = cjson.decode(ARGV[1])
local key = run_key(args.run)

if is_stale_run_version(args.run, args.version) then return { 'stale' } end

local names = { 'matched', 'replayed', 'discarded', 'delivered', 'died', 'last' }
for reason in pairs(REASON_CODES) do names[#names + 1] = 'skip:' .. reason end
local counts = call('HMGET', key, unpack(names))
local skipped = 0
for i = 7, #names do skipped = skipped + (tonumber(counts[i] or nil) or 0) end

local function list_upcoming_items(connector, position)
  if args.upcoming == 0 then return {} end
  local list = {}
  for _, item in ipairs(call('LRANGE', run_items_key(args.run, connector), position, position + args.upcoming - 1)) do
    local generation, id = string.match(item, '^%d+%.(%d+)%.(.*)$')
    local record = find_record(id)
    list[#list + 1] = id
    list[#list + 1] = record and record.st == 'dead' and record.gen == generation and record.ct or ''
  end
  return list
end

local rows = {}
local left = call('ZRANGE', key .. ':next', args.offset, args.offset + args.limit - 1, 'WITHSCORES')
for i = 1, #left, 2 do
  local connector = left[i]
  if args.isDiscard or count_takeable_items(args.run, connector, MAX_OUTSTANDING) > 0 then
    local position = next_run_item_position(args.run, connector)
    rows[#rows + 1] = { connector, left[i + 1], position, list_upcoming_items(connector, position) }
  end
end
local function progress_count(i) return tonumber(counts[i] or nil) or 0 end
return { 'looked', progress_count(1), progress_count(2), progress_count(3), progress_count(4), progress_count(5),
  skipped, counts[6] or '', call('ZCARD', key .. ':next'), rows }
