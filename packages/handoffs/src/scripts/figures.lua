-- figures tells what is to be known of some connectors besides their states: how many are dead of what, and the last
-- hours' deliveries.
--
-- args: connectorIds, reasons, hours (numbers of hours since the epoch; none where deliveries are not wanted) replies:
-- now, rows; each row: connectorId, dead by reason (counts in the order of `reasons`), stats (each hour's hash, flat)
-- Twice: reads only.
--- @include shard
local args = cjson.decode(ARGV[1])

-- by_reason counts a connector's letters by reason, and asks no further once it has them all.
local function by_reason(connector)
  local counts, left = {}, call('ZCARD', P .. ':dead:c:' .. connector)
  for i, reason in ipairs(args.reasons) do
    counts[i] = left > 0 and call('ZCARD', P .. ':dead:cr:' .. connector .. ':' .. reason) or 0
    left = left - counts[i]
  end
  return counts
end

local rows = {}
for _, connector in ipairs(args.connectorIds) do
  local stats = {}
  for i, hour in ipairs(args.hours) do stats[i] = call('HGETALL', P .. ':st:' .. connector .. ':' .. hour) end
  rows[#rows + 1] = { connector, by_reason(connector), stats }
end
return { now, rows }
