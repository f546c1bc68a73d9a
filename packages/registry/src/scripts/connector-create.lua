-- connector-create claims a connector's project and pseudo numbers, and writes it down.
--
-- args: id, project, numbers (digits), paused, connector (JSON; its credentials sealed), createdAt
-- replies: created · project-taken, connectorId · number-taken, number
-- Twice: with the same id, created again.
--- @include registry
--- @include uniqueness

local refused = taken(args.id, args.project, args.numbers)
if refused then return refused end
claim(args.id, args.project, args.numbers)
redis.call('SET', R .. ':cn:' .. args.id, args.connector)
redis.call('ZADD', R .. ':connectors', args.createdAt, args.id)
note_paused(args.id, args.paused)
changed()
return { 'created' }
