-- connector-write puts a connector's next version in the place of the one before, in one step with the project and the
-- pseudo numbers that only one connector may have. Without one before it creates the connector. Without a next one it
-- deletes the connector, with every token and key of it. A Redis that is full refuses to create, and nothing else.
--
-- args:      id
--            before?             of the version before: version, credentials, project, numbers
--            next?               of the next one: version, project, numbers (digits), createdAt, paused, and
--                                document (JSON, with its credentials sealed)
-- replies:   written
--            stale               it is deleted, has another version, or its credentials were resealed
--            project-taken, connectorId
--            number-taken, number
-- Run again: a creation replies written; all else replies stale, and changes nothing.
--- @include registry-keys-clock-and-version

local key, OWNERS = R .. ':cn:' .. args.id, R .. ':owners'
local before, next_one = args.before, args.next

-- is_stale also where the version is the same, and the credentials were sealed anew.
local function is_stale()
  local document = redis.call('GET', key)
  local stored = document and cjson.decode(document)
  if not stored or stored.connector.version ~= before.version then return true end
  return stored.credentials ~= before.credentials
end

-- find_conflict returns why the connector cannot have what its next version claims; nil where it can.
local function find_conflict()
  local owner = redis.call('HGET', OWNERS, 'project:' .. next_one.project)
  if owner and owner ~= args.id then return { 'project-taken', owner } end
  for _, digits in ipairs(next_one.numbers) do
    local holder = redis.call('HGET', OWNERS, 'number:' .. digits)
    if holder and holder ~= args.id then return { 'number-taken', digits } end
  end
end

local function release_project_and_numbers()
  redis.call('HDEL', OWNERS, 'project:' .. before.project)
  for _, digits in ipairs(before.numbers) do redis.call('HDEL', OWNERS, 'number:' .. digits) end
end

local function write_next()
  redis.call('HSET', OWNERS, 'project:' .. next_one.project, args.id)
  for _, digits in ipairs(next_one.numbers) do redis.call('HSET', OWNERS, 'number:' .. digits, args.id) end
  redis.call('SET', key, next_one.document)
  redis.call('ZADD', R .. ':connectors', next_one.createdAt, args.id)
  -- The paused ones have a set of their own, so that a list of thousands reads no documents.
  if next_one.paused then redis.call('ZADD', R .. ':connectors:paused', next_one.createdAt, args.id)
  else redis.call('ZREM', R .. ':connectors:paused', args.id) end
end

local function delete()
  for _, set in ipairs({ R .. ':tokens:' .. args.id, R .. ':tokens:' .. args.id .. ':screen-pop' }) do
    for _, token in ipairs(redis.call('SMEMBERS', set)) do redis.call('DEL', R .. ':token:' .. token) end
    redis.call('DEL', set)
  end
  redis.call('DEL', key)
  redis.call('ZREM', R .. ':connectors', args.id)
  redis.call('ZREM', R .. ':connectors:paused', args.id)
end

if before and is_stale() then return { 'stale' } end
local refused = next_one and find_conflict()
if refused then return refused end
-- A full Redis refuses only a script whose first write takes memory: a change begins with one that gives some back.
if before then release_project_and_numbers() end
if next_one then write_next() else delete() end
-- Credentials that are only sealed anew leave the version as it is: no process has to read them again, because the
-- older seal opens as well.
if not (before and next_one and before.version == next_one.version) then raise_version() end
return { 'written' }
