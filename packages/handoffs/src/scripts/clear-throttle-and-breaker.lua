#!lua flags=allow-oom
-- clear-throttle-and-breaker opens a connector's gate for an operator: it ends the throttle, the breaker and the wait
-- for the token endpoint. It ends neither the rate nor refused keys, which the connector's owner has to repair. With
-- the throttle it ends the waits of handoffs that got a `Retry-After`.
--
-- args:      connectorId, isMore (continues with those waits)
-- replies:   whether there are more of those waits (0|1), names of what was ended
-- Run again: ends nothing more.
--- @include breaker-and-throttle
--- @include contact-queue
local args = cjson.decode(ARGV[1])

-- How many waits one step ends: a few milliseconds of Redis's time.
local MAX_HANDOFFS = 500

-- park_waiting_retry parks a handoff that waits for a retry. One whose key is missing keeps waiting.
local function park_waiting_retry(id)
  call('ZREM', retries_key(args.connectorId), id)
  local record = find_record(id)
  if not record or record.st ~= 'queued' or record.due <= now or record.wk == 'keys' then return end
  set_record_fields(record, 'due', NOW, 'wk', '')
  park_at_gate(record)
end

local function park_waiting_retries()
  local ids = call('ZRANGEBYSCORE', retries_key(args.connectorId), '(' .. NOW, '+inf', 'LIMIT', 0, MAX_HANDOFFS)
  for _, id in ipairs(ids) do run_or_record_fault(id, park_waiting_retry, id) end
  return #ids == MAX_HANDOFFS
end

local gate = gate_of_connector(args.connectorId)
local ended = {}
local is_more = (args.isMore or gate.throttle) and park_waiting_retries()
if gate.throttle then ended[#ended + 1] = 'throttle' end
if gate.breaker then ended[#ended + 1] = 'breaker' end
clear_throttle(gate)
close_breaker(gate)
end_live_probe(gate)
local access = P .. ':a:' .. args.connectorId
if call('HDEL', access, 'retryAt', 'failures') > 0 then ended[#ended + 1] = 'token' end
for _, name in ipairs({ 'token', 'emptied', 'pause' }) do clear_gate_field(gate, name) end
gate.token = nil
if #ended > 0 then empty_reopened_rate_bucket(gate) end
write_all_gate_changes()
schedule_gate_check_if_parked(args.connectorId)
wake_workers_by_marker()
return { is_more and 1 or 0, unpack(ended) }
