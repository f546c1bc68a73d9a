/**
 * Letting time pass: every instant that Baton keeps in a shard is moved into the past, since the scripts' clock is
 * Redis's.
 */
import type { RedisConnection } from "@baton/redis/connection";

/**
 * elapse moves every instant of a shard `ms` milliseconds into the past; what expires within that time is gone.
 * Negative: the clock steps back.
 */
export async function elapse(redis: RedisConnection, tag: string, ms: number): Promise<void> {
  await redis.eval(ELAPSE, 1, tag, `${tag}:*`, String(ms));
}

// Scores and fields are epoch milliseconds, but for a contact's queue and those that are parked (microseconds; 0 for
// the one that is being sent) and BullMQ's delayed jobs (milliseconds * 4096). BullMQ's other sorted sets hold no
// instants.
const ELAPSE = `#!lua flags=allow-oom
local tag, ms = KEYS[1], tonumber(ARGV[2])
local call = redis.call
local function int(number) return string.format('%.0f', number) end

local FIELDS = {
  h = { acc = 1, due = 1, dl = 1, ['until'] = 1, att = 1, ['end'] = 1, ls = 1000 },
  c = { ta = 1, token = 1, pause = 1, throttle = 1, throttled = 1, bo = 1, broke = 1, delivered = 1, pu = 1, rate = 1,
    share = 1, keys = 1, delayed = 1 },
  handoffs = { timestamp = 1 },
  a = { expiresAt = 1, leaseUntil = 1, retryAt = 1, refusedUntil = 1, ['renewedAt:token'] = 1, ['renewedAt:address'] = 1, renewAt = 1 },
}

local function move_set(key, name)
  local per_ms = 1
  if string.find(name, '^contact:') or string.find(name, '^parked') then per_ms = 1000 end
  if name == 'handoffs:delayed' then per_ms = 4096
  elseif name ~= 'handoffs:marker' and string.find(name, '^handoffs:') or string.find(name, '^dead%-letters:') then return end
  local flat = call('ZRANGE', key, 0, -1, 'WITHSCORES')
  for i = 1, #flat, 2 do
    if flat[i + 1] ~= '0' then call('ZADD', key, int(flat[i + 1] - ms * per_ms), flat[i]) end
  end
end

-- When handoffs with a delay fall due, and the earliest deadline of those.
local function move_steps(key)
  local flat = call('HGETALL', key)
  call('DEL', key)
  for i = 1, #flat, 2 do call('HSET', key, int(flat[i] - ms), int(flat[i + 1] - ms)) end
  if #flat > 0 then call('PEXPIRE', key, 120000) end
end

local function move_fields(key, fields)
  for field, per_ms in pairs(fields or {}) do
    local value = tonumber(call('HGET', key, field) or nil)
    if value then call('HSET', key, field, int(value - ms * per_ms)) end
  end
end

-- The breaker counts by whole seconds, each in the field of its last digit.
local function move_breaker(key)
  local moved = {}
  for i = 0, 9 do
    local second, rest = string.match(call('HGET', key, 'b' .. i) or '', '^(%d+)(:%d+:%d+)$')
    if second then
      call('HDEL', key, 'b' .. i)
      moved[#moved + 1] = { second - math.floor(ms / 1000), rest }
    end
  end
  for _, bucket in ipairs(moved) do call('HSET', key, 'b' .. bucket[1] % 10, int(bucket[1]) .. bucket[2]) end
  local failed = tonumber(call('HGET', key, 'bf') or nil)
  if failed then call('HSET', key, 'bf', int(failed - math.floor(ms / 1000))) end
end

-- What a worker knows of a connector: \`kind|until|...\`; of a ready one the tenth part is until when it is paused. Or
-- until when it leaves a gate to the others, or wakes none of them.
local function move_table(key)
  local flat = call('HGETALL', key)
  for i = 1, #flat, 2 do
    local parts = {}
    for part in string.gmatch(flat[i + 1] .. '|', '([^|]*)|') do parts[#parts + 1] = part end
    local place = parts[2] and 2 or 1
    parts[place] = int(parts[place] - ms)
    if parts[1] == 'ready' and tonumber(parts[10]) then parts[10] = int(parts[10] - ms) end
    call('HSET', key, flat[i], table.concat(parts, '|'))
  end
end

-- Until when keys of the ring are needed for fingerprints.
local function move_fingerprints(key)
  local flat = call('HGETALL', key)
  for i = 1, #flat, 2 do
    if string.find(flat[i], '^fingerprint:') then call('HSET', key, flat[i], int(flat[i + 1] - ms)) end
  end
end

for _, key in ipairs(call('KEYS', ARGV[1])) do
  local kind, name = call('TYPE', key).ok, string.sub(key, #tag + 2)
  if kind == 'zset' then move_set(key, name) end
  if kind == 'hash' then
    local first = string.match(name, '^([^:]*):')
    move_fields(key, FIELDS[first])
    if first == 'c' then move_breaker(key) end
    if first == 'delayed' then move_steps(key) end
    if first == 'worker' then move_table(key) end
    if name == 'meta' then move_fingerprints(key) end
  end
  local left = call('PTTL', key)
  if left >= 0 then
    if left > ms then call('PEXPIRE', key, left - ms) else call('DEL', key) end
  end
end
return 0`;
