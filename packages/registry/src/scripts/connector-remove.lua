-- connector-remove takes a connector out of the registry, with all that it claimed and every token and key of it.
--
-- args: id, before {version, project, numbers}
-- replies: removed · stale (it is gone, or no longer that version)
-- Twice: stale, and nothing changes.
--- @include registry
--- @include uniqueness

local key = R .. ':cn:' .. args.id
local document = redis.call('GET', key)
if not document or cjson.decode(document).connector.version ~= args.before.version then return { 'stale' } end
unclaim(args.before.project, args.before.numbers)
for _, kind in ipairs({ 'tokens', 'screen-pop-keys' }) do
  local mine = R .. ':' .. kind .. ':' .. args.id
  for _, token in ipairs(redis.call('SMEMBERS', mine)) do redis.call('DEL', R .. ':token:' .. token) end
  redis.call('DEL', mine)
end
redis.call('DEL', key)
redis.call('ZREM', R .. ':connectors', args.id)
note_paused(args.id, false)
changed()
return { 'removed' }
