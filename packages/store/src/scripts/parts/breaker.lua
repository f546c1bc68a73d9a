-- The breaker: one per connector, in the connector's hash, shared by all workers.
-- bs: nil (closed), 'open', 'probing' · bo: open until · bn: times opened in a row · bp: the probe's lease · bpn: the probe's nonce
-- b0..b9: requests and failures of one second each, as `second:requests:failures`

local function breaker_of(connector)
  local values = redis.call('HMGET', connector_key(connector), 'bs', 'bo', 'bn', 'bp', 'bpn')
  return { state = values[1], open_until = tonumber(values[2]) or 0, opened = tonumber(values[3]) or 0, lease_until = tonumber(values[4]) or 0, nonce = values[5] }
end

-- breaker_holds gives until when nothing may be sent, or nil when the way is free, if only for a probe.
local function breaker_holds(breaker)
  if breaker.state == 'open' and now < breaker.open_until then return breaker.open_until end
  if breaker.state == 'probing' and now < breaker.lease_until then return breaker.lease_until end
  return nil
end

-- begin_probe makes an attempt the one probe, if the breaker is not closed.
local function begin_probe(connector, breaker, nonce, lease_until)
  if breaker.state then redis.call('HSET', connector_key(connector), 'bs', 'probing', 'bp', lease_until, 'bpn', nonce) end
end

-- abandon_probe gives the probe's place free: nothing left, so nothing was learned.
local function abandon_probe(connector, nonce)
  local breaker = breaker_of(connector)
  if breaker.state == 'probing' and breaker.nonce == nonce then redis.call('HSET', connector_key(connector), 'bp', now, 'bpn', '') end
end

local function look_at_held(connector, at) redis.call('ZADD', P .. ':held', 'LT', at, connector) end

local function open_breaker(connector, opened, numbers)
  local open_ms = math.min(numbers.maxOpenMs, numbers.openMs * 2 ^ opened)
  redis.call('HSET', connector_key(connector), 'bs', 'open', 'bo', now + open_ms, 'bn', opened + 1, 'bp', '', 'bpn', '')
  redis.call('ZADD', P .. ':held', now + open_ms, connector)
end

local function close_breaker(connector)
  local fields = { 'bs', 'bo', 'bn', 'bp', 'bpn' }
  for i = 0, 9 do fields[#fields + 1] = 'b' .. i end
  redis.call('HDEL', connector_key(connector), unpack(fields))
  look_at_held(connector, now)
end

-- count_request adds one answer to the window; gives requests and failures of the window.
local function count_request(connector, failed, numbers)
  local second = math.floor(now / 1000)
  local key, names = connector_key(connector), {}
  for i = 0, 9 do names[i + 1] = 'b' .. i end
  local requests, failures = 1, failed and 1 or 0
  local mine = { 1, failures }
  for i, bucket in ipairs(redis.call('HMGET', key, unpack(names))) do
    local at, total, bad = string.match(bucket or '', '(%d+):(%d+):(%d+)')
    at = tonumber(at)
    if at and (second - at) * 1000 < numbers.windowMs then
      requests, failures = requests + total, failures + bad
      if i - 1 == second % 10 then mine = { mine[1] + total, mine[2] + bad } end
    end
  end
  redis.call('HSET', key, 'b' .. second % 10, second .. ':' .. mine[1] .. ':' .. mine[2])
  return requests, failures
end

-- judge lets the breaker learn from one attempt.
local function judge(connector, nonce, failed, numbers)
  local breaker = breaker_of(connector)
  if breaker.state == 'probing' and breaker.nonce == nonce then
    if failed then open_breaker(connector, breaker.opened, numbers) else close_breaker(connector) end
  elseif not breaker.state then
    local requests, failures = count_request(connector, failed, numbers)
    if requests >= numbers.minRequests and failures >= requests * numbers.failureRatio then open_breaker(connector, 0, numbers) end
  end
end
