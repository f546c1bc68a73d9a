-- connector-create claims a connector's project and pseudo numbers, and writes it down.
--
-- args: id, project, numbers (digits), connector (JSON; its credentials sealed), createdAt
-- replies: created · project-taken, connectorId · number-taken, number
-- Twice: with the same id, created again.
--- @include registry

local owner = redis.call('HGET', R .. ':projects', args.project)
if owner and owner ~= args.id then return { 'project-taken', owner } end
for _, digits in ipairs(args.numbers) do
  local taken = redis.call('HGET', R .. ':numbers', digits)
  if taken and taken ~= args.id then return { 'number-taken', digits } end
end
redis.call('HSET', R .. ':projects', args.project, args.id)
for _, digits in ipairs(args.numbers) do redis.call('HSET', R .. ':numbers', digits, args.id) end
redis.call('SET', R .. ':cn:' .. args.id, args.connector)
redis.call('ZADD', R .. ':connectors', args.createdAt, args.id)
changed()
return { 'created' }
