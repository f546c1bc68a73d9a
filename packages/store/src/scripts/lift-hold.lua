-- lift-hold ends, before its time, the stillness that CXone asked a connector for: who waits for it gets new slots by `release`, as after a pause.
--
-- args: connectorId
-- replies: none · lifted
-- Twice: the second says none.
--- @include shard
--- @include rate
--- @include breaker

local connector = args.connectorId
local state = rate_of(connector)
if state.hold <= now then return { 'none' } end

-- Who was promised a moment and has not asked yet is moved no further than to this one.
local spared = state.hold - now
redis.call('HSET', connector_key(connector), 'shift', string.format('%.0f', state.shift - spared), 'lifted', state.hold)
redis.call('HDEL', connector_key(connector), 'hold', 'lane', 'tat')
local waiting = P .. ':w:' .. connector
redis.call('ZUNIONSTORE', waiting, 2, waiting, P .. ':q:' .. connector, 'AGGREGATE', 'MIN')
look_at_held(connector, now)
return { 'lifted' }
