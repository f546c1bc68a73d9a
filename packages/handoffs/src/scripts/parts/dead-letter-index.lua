--- @include shard-keys-clock-and-record
-- The indexes of dead letters: one sorted set (score: when it died) for each filter, so that a page costs the same at
-- any size.
local function dead_letter_index_keys(record)
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
local function connectors_of_cause_key(record) return P .. ':dead:fc:' .. record.cause end
local function causes_of_connector_key(record) return P .. ':dead:cc:' .. record.cn end

-- update_cause_rank keeps the causes of a shard by their number of dead letters. With its last one a cause is
-- forgotten.
local function update_cause_rank(record)
  local count = call('ZCARD', P .. ':dead:f:' .. record.cause)
  if count > 0 then return call('ZADD', P .. ':dead:causes', count, record.cause) end
  call('ZREM', P .. ':dead:causes', record.cause)
  call('HDEL', P .. ':causes', record.cause)
end

local function index_dead_letter(record)
  local died_at = format_int(record['end'])
  for _, key in ipairs(dead_letter_index_keys(record)) do call('ZADD', key, died_at, record.id) end
  call('ZADD', connectors_of_cause_key(record), died_at, record.cn)
  call('ZADD', causes_of_connector_key(record), died_at, record.cause)
  update_cause_rank(record)
end

local function unindex_dead_letter(record)
  for _, key in ipairs(dead_letter_index_keys(record)) do call('ZREM', key, record.id) end
  if call('EXISTS', P .. ':dead:cf:' .. record.cn .. ':' .. record.cause) == 0 then
    call('ZREM', connectors_of_cause_key(record), record.cn)
    call('ZREM', causes_of_connector_key(record), record.cause)
  end
  update_cause_rank(record)
end
