-- What a worker knows of connectors, in a hash of its own that is named by the worker and the registry's version.
-- A part of claim.lua, whose arguments it uses.

-- What is read of connectors at once, before their gates are: what this worker knows of them, and whether they are
-- armed.
local knowledge, armed_at = {}, {}
local function read_ahead(connectors)
  local unread = {}
  for _, connector in ipairs(connectors) do
    if knowledge[connector] == nil then
      knowledge[connector] = false
      unread[#unread + 1] = connector
    end
  end
  if #unread == 0 then return end
  local texts, scores = call('HMGET', TABLE, unpack(unread)), call('ZMSCORE', GATES, unpack(unread))
  for i, connector in ipairs(unread) do knowledge[connector], armed_at[connector] = texts[i], scores[i] end
end

-- find_destination reads what this worker knows of a gate's connector, but for how often it is tried.
local READY = '^ready|(%d+)|(%d+)|(%d)|([^|]*)|([^|]*)|%d+|%d+|%d+|(%d*)$'
local function find_destination(gate)
  local text = knowledge[gate.connector]
  if not text then return end
  local lasts_until, timeout_ms, is_at_most_once, per_second, burst, paused_until = string.match(text, READY)
  if lasts_until then
    if lasts_until + 0 <= now then return end
    gate.kind, gate.timeout_ms, gate.is_at_most_once = 'ready', timeout_ms + 0, is_at_most_once == '1'
    gate.per_second, gate.burst, gate.paused_until = tonumber(per_second), tonumber(burst), tonumber(paused_until)
    return
  end
  local kind, trouble_until, reason, status, detail = string.match(text, '^(%a+)|(%d+)|?([^|]*)|?([^|]*)|?(.*)$')
  if trouble_until + 0 <= now then return end
  gate.kind = kind
  if kind == 'refused' then gate.refusal = { reason = reason, httpStatus = tonumber(status), detail = detail } end
end

-- find_retry_policy gives how often a connector's handoffs are tried, and the least and longest wait; nil where nobody
-- here knows.
local function find_retry_policy(gate)
  local most, base_ms, cap_ms = string.match(knowledge[gate.connector] or '', '^ready|%d+|%d+|%d|[^|]*|[^|]*|(%d+)|(%d+)|(%d+)|')
  return tonumber(most), tonumber(base_ms), tonumber(cap_ms)
end
