-- release lets handoffs go whose condition (pause, breaker, token, or a hold that an operator ended) was lifted: at most `limit` a step, each with a new slot at
-- the connector's rate and a new generation, so that the job that waits for the deadline is dropped when taken.
--
-- args: connectorId, stopped, paused, rate|null, limit, fenceMs
-- replies: flat list of jobs to add: id, generation, delayMs, …
-- Twice: the second step takes the next ones. A job that was not added is found overdue by the reconciler.
--- @include shard
--- @include rate
--- @include line
--- @include cause
--- @include dead-letter-index
--- @include ending
--- @include breaker

-- How soon a condition is looked at again where nobody says when it ends. Milliseconds.
local LOOK_AGAIN_MS = 1000

local connector = args.connectorId
local waiting = P .. ':w:' .. connector

local function look_again(at) redis.call('ZADD', P .. ':held', at, connector) end

-- allowance gives how many may go now, and when to look again.
local function allowance()
  if args.stopped or args.paused then return 0, now + LOOK_AGAIN_MS end
  local breaker = breaker_of(connector)
  local closed_until = breaker_holds(breaker)
  if closed_until then return 0, closed_until end
  if breaker.state then return 1, now + LOOK_AGAIN_MS end
  local access = redis.call('HMGET', P .. ':a:' .. connector, 'access', 'expiresAt', 'retryAt', 'refusedUntil')
  local ready = access[1] and access[1] ~= '' and (tonumber(access[2]) or 0) > now
  local refused = (tonumber(access[4]) or 0) > now
  if ready or refused then return args.limit, now end
  local retry_at = tonumber(access[3]) or 0
  if retry_at > now then return 0, retry_at end
  return 1, now + LOOK_AGAIN_MS
end

-- keeps_time: with the end of a hold everybody queued comes by here, those too who wait for a time of their own.
local OWN_TIME = { delay = true, order = true, share = true }
local lifted = tonumber(redis.call('HGET', connector_key(connector), 'lifted')) or 0
local function keeps_time(record)
  return record.due > now and (OWN_TIME[record.wf] or (record.wf == 'retry' and record.due < lifted))
end

local allowed, again_at = allowance()
local jobs = {}
for _, id in ipairs(allowed > 0 and redis.call('ZRANGE', waiting, 0, allowed - 1) or {}) do
  local record, newer = glance(id)
  if not newer then redis.call('ZREM', waiting, id) end
  if record and record.st == 'queued' and not keeps_time(record) and not expire(record, args.fenceMs) then
    local slot, promise = reserve(connector, args.rate, now, record.dl)
    if slot > record.dl then
      die(record, 'expired')
    else
      write(record, { gen = record.gen + 1, due = slot, wf = slot > now and 'rate' or '', res = promise })
      redis.call('ZADD', P .. ':due', slot, id)
      for _, value in ipairs({ id, record.gen, slot - now }) do jobs[#jobs + 1] = value end
    end
  end
end
if redis.call('EXISTS', waiting) == 1 then look_again(again_at) else redis.call('ZREM', P .. ':held', connector) end
return jobs
