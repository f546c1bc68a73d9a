-- Rate: generic cell rate algorithm. `tat` is the theoretical arrival time of the next attempt after all that were promised;
-- `hold` is until when CXone asked the whole connector to keep still.

-- Without a rate nothing is spaced but those who waited for a hold to end: they come back so far apart, not all at once. Milliseconds.
local AFTER_HOLD_MS = 5

-- reserve promises one attempt at `at` or later, at the connector's rate: gives the moment and whether it is promised.
-- Where the queue of promises does not reach `at`, nothing is promised yet: the handoff asks again when it falls due, so that a
-- far-away attempt takes no slot from a near one. A moment past `deadline` is told, but not promised.
local function reserve(connector, rate, at, deadline)
  local state = redis.call('HMGET', connector_key(connector), 'tat', 'hold')
  local tat, hold = tonumber(state[1]) or 0, tonumber(state[2]) or 0
  if not rate or rate == cjson.null then
    if hold <= at then return at, at <= now end
    local slot = math.max(tat, hold)
    redis.call('HSET', connector_key(connector), 'tat', string.format('%.3f', slot + AFTER_HOLD_MS))
    return math.ceil(slot), true
  end
  local interval = 1000 / rate.perSecond
  local tolerance = interval * (rate.burst - 1)
  tat = math.max(tat, now)
  if hold > now then tat = math.max(tat, hold + tolerance) end
  local slot = math.max(now, math.ceil(tat - tolerance))
  if slot < at then return at, false end
  if slot > deadline then return slot, false end
  redis.call('HSET', connector_key(connector), 'tat', string.format('%.3f', tat + interval))
  return slot, true
end
