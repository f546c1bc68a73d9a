-- The breaker: one per connector, in the connector's hash, shared by all workers.
-- bs: nil (closed), 'open', 'probing' · bo: open until · bn: times opened in a row · bp: the probe's lease · bpn: the probe's nonce
-- b0..b9: requests and failures of one second each, as `second:requests:failures` · bf: the second of the last failure

-- bucket_name is the field of this second's requests and failures.
local function bucket_name() return 'b' .. math.floor(now / 1000) % 10 end

local function breaker_of(connector)
  local values = redis.call('HMGET', connector_key(connector), 'bs', 'bo', 'bn', 'bp', 'bpn', 'bf', bucket_name())
  return { state = values[1], open_until = tonumber(values[2]) or 0, opened = tonumber(values[3]) or 0, lease_until = tonumber(values[4]) or 0,
    nonce = values[5], failed_at = values[6], bucket = values[7] }
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
  local fields = { 'bs', 'bo', 'bn', 'bp', 'bpn', 'bf' }
  for i = 0, 9 do fields[#fields + 1] = 'b' .. i end
  redis.call('HDEL', connector_key(connector), unpack(fields))
  look_at_held(connector, now)
end

local function in_window(second, numbers) return second and (math.floor(now / 1000) - second) * 1000 < numbers.windowMs end

-- counted reads one second of the window: requests and failures, 0 where it is of a time before the window.
local function counted(bucket, numbers)
  local at, total, bad = string.match(bucket or '', '(%d+):(%d+):(%d+)')
  if not in_window(at, numbers) then return 0, 0 end
  return tonumber(total), tonumber(bad)
end

-- count_request adds one answer to its second; gives whether the window holds a failure.
local function count_request(connector, breaker, failed, numbers)
  local second = math.floor(now / 1000)
  local total, bad = counted(breaker.bucket, numbers)
  redis.call('HSET', connector_key(connector), bucket_name(), second .. ':' .. total + 1 .. ':' .. bad + (failed and 1 or 0))
  if failed then redis.call('HSET', connector_key(connector), 'bf', second) end
  return failed or in_window(breaker.failed_at, numbers)
end

-- window_of gives requests and failures of the window.
local function window_of(connector, numbers)
  local names, requests, failures = {}, 0, 0
  for i = 0, 9 do names[i + 1] = 'b' .. i end
  for _, bucket in ipairs(redis.call('HMGET', connector_key(connector), unpack(names))) do
    local total, bad = counted(bucket, numbers)
    requests, failures = requests + total, failures + bad
  end
  return requests, failures
end

-- judge lets the breaker learn from one attempt.
local function judge(connector, nonce, failed, numbers)
  local breaker = breaker_of(connector)
  if breaker.state == 'probing' and breaker.nonce == nonce then
    if failed then open_breaker(connector, breaker.opened, numbers) else close_breaker(connector) end
  elseif not breaker.state then
    if not count_request(connector, breaker, failed, numbers) then return end
    local requests, failures = window_of(connector, numbers)
    if requests >= numbers.minRequests and failures >= requests * numbers.failureRatio then open_breaker(connector, 0, numbers) end
  end
end
