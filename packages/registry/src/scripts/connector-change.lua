-- connector-change replaces a connector's version with the next one, and moves its project and numbers with it.
--
-- args:      id, before {version, credentials, project, numbers}
--            project, numbers    of the next version; numbers as digits
--            paused, connector   the document as JSON, with its credentials sealed
-- replies:   changed
--            stale               it is deleted, has another version, or its credentials were resealed
--            project-taken, connectorId
--            number-taken, number
-- Run again: replies stale, and changes nothing.
--- @include registry
--- @include uniqueness

local key = R .. ':cn:' .. args.id
local document = redis.call('GET', key)
local stored = document and cjson.decode(document)
if not stored or stored.connector.version ~= args.before.version then return { 'stale' } end
if stored.credentials ~= args.before.credentials then return { 'stale' } end
local refused = find_conflict(args.id, args.project, args.numbers)
if refused then return refused end
release(args.before.project, args.before.numbers)
claim(args.id, args.project, args.numbers)
redis.call('SET', key, args.connector)
index_paused(args.id, args.paused)
increment_version()
return { 'changed' }
