-- connector-change puts a connector's next version in the place of the one before, and moves its project and numbers
-- with it.
--
-- args: id, before {version, credentials, project, numbers}, project, numbers (digits), paused, connector (JSON; its
-- credentials sealed) replies: changed · stale (it is gone, no longer the version before, or its credentials were
-- sealed anew) · project-taken, connectorId · number-taken, number Twice: stale, and nothing changes.
--- @include registry
--- @include uniqueness

local key = R .. ':cn:' .. args.id
local document = redis.call('GET', key)
local stored = document and cjson.decode(document)
if not stored or stored.connector.version ~= args.before.version or stored.credentials ~= args.before.credentials then return { 'stale' } end
local refused = taken(args.id, args.project, args.numbers)
if refused then return refused end
unclaim(args.before.project, args.before.numbers)
claim(args.id, args.project, args.numbers)
redis.call('SET', key, args.connector)
note_paused(args.id, args.paused)
changed()
return { 'changed' }
