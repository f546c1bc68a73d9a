-- figures counts one shard's handoffs and letters, at a cost that grows with its connectors and not with its handoffs.
--
-- args: connectorIds, reasons, hours (two numbers: the hour before and this one), waiting (names of breaker states)
-- replies: sending, due-most, rows…; each row: connectorId, queued, oldestQueuedAt, dead, breaker state, open until, deadByReason…, stats…
-- Twice: reads only.
--- @include shard

local rows = {}
for _, connector in ipairs(args.connectorIds) do
  local queue = P .. ':q:' .. connector
  local oldest = redis.call('ZRANGE', queue, 0, 0, 'WITHSCORES')
  local breaker = redis.call('HMGET', connector_key(connector), 'bs', 'bo')
  local by_reason = {}
  for i, reason in ipairs(args.reasons) do by_reason[i] = redis.call('ZCARD', P .. ':dead:cr:' .. connector .. ':' .. reason) end
  local stats = {}
  for i, hour in ipairs(args.hours) do stats[i] = redis.call('HGETALL', P .. ':st:' .. connector .. ':' .. hour) end
  rows[#rows + 1] = { connector, redis.call('ZCARD', queue), oldest[2] or '', breaker[1] or '', breaker[2] or '', by_reason, stats }
end
return { now, redis.call('ZCARD', P .. ':sending'), rows }
