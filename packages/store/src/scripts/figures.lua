-- figures counts one shard's handoffs and letters, at a cost that grows with its connectors and not with its handoffs.
--
-- args: connectorIds, reasons, hours (two numbers: the hour before and this one, since the epoch)
-- replies: now, sending, rows; each row: connectorId, queued, when the oldest fell due ('' for none), breaker state ('' for closed),
--          dead by reason (counts in the order of `reasons`), stats (each hour's hash, flat), until when CXone asked it to keep still ('' for not)
-- Twice: reads only.
--- @include shard

-- by_reason counts a connector's letters by reason, and asks no further once it has them all.
local function by_reason(connector)
  local counts, left = {}, redis.call('ZCARD', P .. ':dead:c:' .. connector)
  for i, reason in ipairs(args.reasons) do
    counts[i] = left > 0 and redis.call('ZCARD', P .. ':dead:cr:' .. connector .. ':' .. reason) or 0
    left = left - counts[i]
  end
  return counts
end

local rows = {}
for _, connector in ipairs(args.connectorIds) do
  local queue = P .. ':q:' .. connector
  local oldest = redis.call('ZRANGE', queue, 0, 0, 'WITHSCORES')
  local state = redis.call('HMGET', connector_key(connector), 'bs', 'hold')
  local held = (tonumber(state[2]) or 0) > now and state[2] or ''
  local stats = {}
  for i, hour in ipairs(args.hours) do stats[i] = redis.call('HGETALL', P .. ':st:' .. connector .. ':' .. hour) end
  rows[#rows + 1] = { connector, redis.call('ZCARD', queue), oldest[2] or '', state[1] or '', by_reason(connector), stats, held }
end
return { now, redis.call('ZCARD', P .. ':sending'), rows }
