-- The dead letters' indexes: one sorted set (score: when it died) for each way to ask, so that a page costs the same at any size.
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

-- The causes of a shard, by how many letters they have, and the connectors that each befell, by when it last did.
local function rank_cause(record)
  local letters = redis.call('ZCARD', P .. ':dead:f:' .. record.cause)
  if letters == 0 then redis.call('ZREM', P .. ':dead:causes', record.cause) else redis.call('ZADD', P .. ':dead:causes', letters, record.cause) end
end

local function index_dead(record)
  for _, key in ipairs(dead_indexes(record)) do redis.call('ZADD', key, record['end'], record.id) end
  redis.call('ZADD', P .. ':dead:fc:' .. record.cause, record['end'], record.cn)
  rank_cause(record)
end

local function unindex_dead(record)
  for _, key in ipairs(dead_indexes(record)) do redis.call('ZREM', key, record.id) end
  if redis.call('EXISTS', P .. ':dead:cf:' .. record.cn .. ':' .. record.cause) == 0 then
    redis.call('HDEL', P .. ':causes:' .. record.cn, record.cause)
    redis.call('ZREM', P .. ':dead:fc:' .. record.cause, record.cn)
  end
  rank_cause(record)
end

-- file_letter notes that the letter's job in the dead-letter queue must be made to agree with the record.
-- Whoever did it strikes the note out; the reconciler does what was left.
local function file_letter(record) redis.call('ZADD', P .. ':filing', now, job_id(record.id, record.gen)) end
