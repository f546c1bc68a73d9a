#!lua flags=allow-oom
-- read-or-replace-api-access reads what is known of a connector's CXone access (token and address), or replaces it if
-- it is still as the caller read it. The rules are in packages/domain/src/cxone-api-access-state.ts.
--
-- args:      connectorId
--            before?             {field: text}, the fields as they were read
--            after?              {field: text}, the fields to store
--            keepMs?             how long to keep them
--            wakes?              handoffs that wait for the token may go
-- replies:   set · read, now, {field, text, …}
-- Run again: replies read, with what the first one set.
--- @include connector-gate
local args = cjson.decode(ARGV[1])

local key = P .. ':a:' .. args.connectorId
local values, known = call('HGETALL', key), {}
for i = 1, #values, 2 do known[values[i]] = values[i + 1] end

local function is_state_as_read()
  for field, value in pairs(args.before) do if known[field] ~= value then return false end end
  for field in pairs(known) do if not args.before[field] then return false end end
  return true
end

if not args.after or not is_state_as_read() then return { 'read', now, values } end
-- Other credentials start anew: the fields and the expiry of the older ones are deleted.
if args.before.credentialsVersion ~= args.after.credentialsVersion then
  call('DEL', key)
  known = {}
end
for field in pairs(known) do if not args.after[field] then call('HDEL', key, field) end end
for field, value in pairs(args.after) do if known[field] ~= value then call('HSET', key, field, value) end end
if args.keepMs then call('PEXPIRE', key, args.keepMs) end
if args.wakes then schedule_gate_check_if_parked(args.connectorId) end
return { 'set' }
