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

local function index_dead(record)
  for _, key in ipairs(dead_indexes(record)) do redis.call('ZADD', key, record['end'], record.id) end
end

local function unindex_dead(record)
  for _, key in ipairs(dead_indexes(record)) do redis.call('ZREM', key, record.id) end
  if redis.call('EXISTS', P .. ':dead:cf:' .. record.cn .. ':' .. record.cause) == 0 then
    redis.call('HDEL', P .. ':causes:' .. record.cn, record.cause)
  end
end

-- file_letter notes that the letter's job in the dead-letter queue must be made to agree with the record.
-- Whoever did it strikes the note out; the reconciler does what was left.
local function file_letter(record) redis.call('ZADD', P .. ':filing', now, job_id(record.id, record.gen)) end
