-- count-dead-letters-and-deliveries returns what read-connector-states leaves out: how many dead letters of each
-- reason, and the deliveries of the last hours.
--
-- args:      connectorIds, reasons, hours (hours since the epoch; none where deliveries are not needed)
-- replies:   now, rows; each row: connectorId, dead letters by reason (in the order of `reasons`), stats (each hour's
--            hash, flat)
-- Run again: reads only.
--- @include shard-keys-clock-and-record
local args = cjson.decode(ARGV[1])

-- count_dead_letters_by_reason counts a connector's dead letters by reason, and stops once it has counted all.
local function count_dead_letters_by_reason(connector)
  local counts, remaining = {}, call('ZCARD', P .. ':dead:c:' .. connector)
  for i, reason in ipairs(args.reasons) do
    counts[i] = remaining > 0 and call('ZCARD', P .. ':dead:cr:' .. connector .. ':' .. reason) or 0
    remaining = remaining - counts[i]
  end
  return counts
end

local rows = {}
for _, connector in ipairs(args.connectorIds) do
  local stats = {}
  for i, hour in ipairs(args.hours) do stats[i] = call('HGETALL', P .. ':deliveries:' .. connector .. ':' .. hour) end
  rows[#rows + 1] = { connector, count_dead_letters_by_reason(connector), stats }
end
return { now, rows }
