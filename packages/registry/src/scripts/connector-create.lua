-- connector-create claims a connector's project and pseudo numbers, and stores the connector.
--
-- args:      id, project, numbers (digits), paused, connector (JSON, with its credentials sealed), createdAt
-- replies:   created · project-taken, connectorId · number-taken, number
-- Run again: with the same id, replies created.
--- @include registry
--- @include uniqueness

local refused = find_conflict(args.id, args.project, args.numbers)
if refused then return refused end
claim(args.id, args.project, args.numbers)
redis.call('SET', R .. ':cn:' .. args.id, args.connector)
redis.call('ZADD', R .. ':connectors', args.createdAt, args.id)
index_paused(args.id, args.paused)
increment_version()
return { 'created' }
