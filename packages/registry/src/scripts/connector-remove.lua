-- connector-remove deletes a connector, with its project, its numbers and every token and key of it.
--
-- args:      id, before {version, project, numbers}
-- replies:   removed · stale (it is deleted already, or has another version)
-- Run again: replies stale, and changes nothing.
--- @include registry
--- @include uniqueness

local key = R .. ':cn:' .. args.id
local document = redis.call('GET', key)
if not document or cjson.decode(document).connector.version ~= args.before.version then return { 'stale' } end
release(args.before.project, args.before.numbers)
for _, kind in ipairs({ 'tokens', 'screen-pop-keys' }) do
  local set = R .. ':' .. kind .. ':' .. args.id
  for _, token in ipairs(redis.call('SMEMBERS', set)) do redis.call('DEL', R .. ':token:' .. token) end
  redis.call('DEL', set)
end
redis.call('DEL', key)
redis.call('ZREM', R .. ':connectors', args.id)
index_paused(args.id, false)
increment_version()
return { 'removed' }
