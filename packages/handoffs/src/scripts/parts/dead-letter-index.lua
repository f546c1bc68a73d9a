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

-- Causes and connectors point at one another, by their latest dead letter: `dead:fc:<cause>` has the connectors of a
-- cause, `dead:cc:<connector>` the causes of a connector.
local function connectors_key(record) return P .. ':dead:fc:' .. record.cause end
local function causes_key(record) return P .. ':dead:cc:' .. record.cn end

-- rank_cause keeps the causes of a shard by their number of dead letters. With its last one a cause is forgotten.
local function rank_cause(record)
  local count = call('ZCARD', P .. ':dead:f:' .. record.cause)
  if count > 0 then return call('ZADD', P .. ':dead:causes', count, record.cause) end
  call('ZREM', P .. ':dead:causes', record.cause)
  call('HDEL', P .. ':causes', record.cause)
end

local function index_dead(record)
  local died_at = int(record['end'])
  for _, key in ipairs(dead_indexes(record)) do call('ZADD', key, died_at, record.id) end
  call('ZADD', connectors_key(record), died_at, record.cn)
  call('ZADD', causes_key(record), died_at, record.cause)
  rank_cause(record)
end

local function unindex_dead(record)
  for _, key in ipairs(dead_indexes(record)) do call('ZREM', key, record.id) end
  if call('EXISTS', P .. ':dead:cf:' .. record.cn .. ':' .. record.cause) == 0 then
    call('ZREM', connectors_key(record), record.cn)
    call('ZREM', causes_key(record), record.cause)
  end
  rank_cause(record)
end
