-- What a worker knows of connectors. Each worker has a hash of its own, named by the worker and the registry's version.
-- A part of claim.lua, whose arguments it uses.

-- prefetch_known_destinations reads, for several connectors at once, what this worker knows of them and when their
-- gates are checked next.
local destination_texts, scheduled_at = {}, {}
local function prefetch_known_destinations(connectors)
  local unread = {}
  for _, connector in ipairs(connectors) do
    if destination_texts[connector] == nil then
      destination_texts[connector] = false
      unread[#unread + 1] = connector
    end
  end
  if #unread == 0 then return end
  local texts, scores = call('HMGET', TABLE, unpack(unread)), call('ZMSCORE', GATES, unpack(unread))
  for i, connector in ipairs(unread) do destination_texts[connector], scheduled_at[connector] = texts[i], scores[i] end
end

-- read_known_destination reads what this worker knows of a gate's connector, except for its retry policy.
local READY = '^ready|(%d+)|(%d+)|(%d)|([^|]*)|([^|]*)|%d+|%d+|%d+|(%d*)$'
local function read_known_destination(gate)
  local text = destination_texts[gate.connector]
  if not text then return end
  local lasts_until, timeout_ms, is_at_most_once, per_second, burst, paused_until = string.match(text, READY)
  if lasts_until then
    if lasts_until + 0 <= now then return end
    gate.kind, gate.timeout_ms, gate.is_at_most_once = 'ready', timeout_ms + 0, is_at_most_once == '1'
    gate.per_second, gate.burst, gate.paused_until = tonumber(per_second), tonumber(burst), tonumber(paused_until)
    return
  end
  local kind, valid_until, reason, status, detail = string.match(text, '^(%a+)|(%d+)|?([^|]*)|?([^|]*)|?(.*)$')
  if valid_until + 0 <= now then return end
  gate.kind = kind
  if kind == 'refused' then gate.refusal = { reason = reason, httpStatus = tonumber(status), detail = detail } end
end

-- find_retry_policy returns a connector's number of attempts, and the base and cap of its back-off; nil where this
-- worker knows none.
local function find_retry_policy(gate)
  local text = destination_texts[gate.connector] or ''
  local most, base_ms, cap_ms = string.match(text, '^ready|%d+|%d+|%d|[^|]*|[^|]*|(%d+)|(%d+)|(%d+)|')
  return tonumber(most), tonumber(base_ms), tonumber(cap_ms)
end

-- backoff_ms returns the wait after the `used`-th attempt. It repeats backoffMs of packages/domain/src/backoff.ts,
-- because only a claim finds an attempt whose worker died; claim.test.ts compares the two.
local function backoff_ms(base_ms, cap_ms, used)
  local ceiling = math.min(cap_ms, base_ms * 2 ^ (used - 1))
  return math.floor(ceiling / 2 * (1 + RANDOM))
end
