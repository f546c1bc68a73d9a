-- Rate: generic cell rate algorithm. `tat` is the theoretical arrival time of the next attempt after all that were promised;
-- `hold` is until when CXone asked the whole connector to keep still. `shift` is how long all holds together have moved what was promised,
-- `lane` the next moment after the hold for one whose moment had passed when it began.
-- A promise is kept in the record's `res` as `moment:shift`, the shift being that of the time when it was made.

-- Without a rate nothing is spaced but those who waited for a hold to end: they come back so far apart, not all at once. Milliseconds.
local AFTER_HOLD_MS = 5

local function rate_of(connector)
  local values = redis.call('HMGET', connector_key(connector), 'tat', 'hold', 'shift', 'lane')
  return { tat = tonumber(values[1]) or 0, hold = tonumber(values[2]) or 0, shift = tonumber(values[3]) or 0, lane = tonumber(values[4]) or 0 }
end

local function write_rate(connector, name, at) redis.call('HSET', connector_key(connector), name, string.format('%.3f', at)) end

local function promise_of(slot, state) return string.format('%.0f:%.0f', slot, state.shift) end

local function interval_of(rate) return (rate and rate ~= cjson.null) and 1000 / rate.perSecond or AFTER_HOLD_MS end

-- reserve promises one attempt at `at` or later, at the connector's rate: gives the moment and the promise, '' where there is none.
-- Where the queue of promises does not reach `at`, nothing is promised yet: the handoff asks again when it falls due, so that a
-- far-away attempt takes no slot from a near one. A moment past `deadline` is told, but not promised.
local function reserve(connector, rate, at, deadline)
  local state = rate_of(connector)
  local tat, hold = state.tat, state.hold
  if not rate or rate == cjson.null then
    if hold <= at then return at, at <= now and promise_of(at, state) or '' end
    local slot = math.max(tat, hold)
    write_rate(connector, 'tat', slot + AFTER_HOLD_MS)
    return math.ceil(slot), promise_of(math.ceil(slot), state)
  end
  local interval = 1000 / rate.perSecond
  local tolerance = interval * (rate.burst - 1)
  tat = math.max(tat, now)
  if hold > now then tat = math.max(tat, hold + tolerance) end
  local slot = math.max(now, math.ceil(tat - tolerance))
  if slot < at then return at, '' end
  if slot > deadline then return slot, '' end
  write_rate(connector, 'tat', tat + interval)
  return slot, promise_of(slot, state)
end

-- promised gives the moment of a record's promise as it is now, and the promise: holds that came since have moved it, with all others and
-- behind none of them. One whose moment had passed when the hold began goes as soon as it ends, at the rate.
local function promised(record, rate)
  local at, made = string.match(record.res, '^(%d+):(%d+)$')
  if not at then return now, record.res end
  local state = rate_of(record.cn)
  local slot = at + state.shift - made
  if slot <= state.hold and state.hold > now then
    slot = math.ceil(state.lane)
    write_rate(record.cn, 'lane', state.lane + interval_of(rate))
  end
  return slot, promise_of(slot, state)
end

-- hold_still keeps a connector still for `ms` from now on; all that was promised moves on by as much as that adds to the hold.
local function hold_still(connector, ms)
  local state = rate_of(connector)
  local from = math.max(state.hold, now)
  local added = now + ms - from
  if added <= 0 then return end
  local lane = state.hold > now and state.lane + added or from + added
  redis.call('HSET', connector_key(connector), 'hold', from + added, 'shift', string.format('%.0f', state.shift + added))
  write_rate(connector, 'tat', state.tat + added)
  write_rate(connector, 'lane', lane)
end
