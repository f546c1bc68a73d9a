#!lua flags=allow-oom
-- close-connector-for-deletion stops acceptance for a connector that is about to be deleted, unless handoffs are
-- pending. It also runs on a full Redis, because deleting makes room.
--
-- args:      connectorId, closedMs (until every process knows of the deletion; if that fails, the connector reopens)
-- replies:   closed · pending, count
-- Run again: the same reply; the connector stays closed for longer.
--- @include shard-keys-clock-and-record
local args = cjson.decode(ARGV[1])

local pending = call('ZCARD', queued_key(args.connectorId)) + call('ZCARD', queued_replays_key(args.connectorId))
-- At most as many as all workers have slots.
for _, member in ipairs(call('ZRANGE', SENDING, 0, -1)) do
  if string.match(member, ':(.*)$') == args.connectorId then pending = pending + 1 end
end
if pending > 0 then return { 'pending', pending } end
call('HSET', connector_key(args.connectorId), 'closed', '1')
call('PEXPIRE', connector_key(args.connectorId), args.closedMs)
call('DEL', P .. ':a:' .. args.connectorId)
return { 'closed' }
