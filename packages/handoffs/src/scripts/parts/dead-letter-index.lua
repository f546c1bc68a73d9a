-- The indexes of dead letters: one sorted set (score: when it died) for each filter, so that a page costs the same at
-- any size.
local function dead_indexes(record)
  local dead = P .. ':dead'
  return {
    dead,
    dead .. ':c:' .. record.cn,
    dead .. ':r:' .. record.why,
    dead .. ':cr:' .. record.cn .. ':' .. record.why,
    dead .. ':f:' .. record.cause,
    dead .. ':cf:' .. record.cn .. ':' .. record.cause,
    dead .. ':k:' .. record.ct,
  }
end

-- Since when each cause has had dead letters without a break. A state that an operator set before
-- then no longer applies.
local CAUSES_BEGAN = P .. ':causes-began'

-- rank_cause keeps the causes of a shard by their number of dead letters. `dead:fc:<cause>` keeps the connectors of
-- each cause, by their latest dead letter.
local function rank_cause(record)
  local count = call('ZCARD', P .. ':dead:f:' .. record.cause)
  if count > 0 then return call('ZADD', P .. ':dead:causes', count, record.cause) end
  call('ZREM', P .. ':dead:causes', record.cause)
  call('HDEL', CAUSES_BEGAN, record.cause)
end

local function index_dead(record)
  for _, key in ipairs(dead_indexes(record)) do call('ZADD', key, int(record['end']), record.id) end
  call('ZADD', P .. ':dead:fc:' .. record.cause, int(record['end']), record.cn)
  call('HSETNX', CAUSES_BEGAN, record.cause, int(now))
  rank_cause(record)
end

local function unindex_dead(record)
  for _, key in ipairs(dead_indexes(record)) do call('ZREM', key, record.id) end
  if call('EXISTS', P .. ':dead:cf:' .. record.cn .. ':' .. record.cause) == 0 then
    call('HDEL', P .. ':causes:' .. record.cn, record.cause)
    call('ZREM', P .. ':dead:fc:' .. record.cause, record.cn)
  end
  rank_cause(record)
end
