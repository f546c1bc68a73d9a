-- key-list returns the keys of a set, in no order, without their hashes.
--
-- args:      set                 key of the set, without the tag
--            requires?           a key, without the tag, that must exist
--            fields              names of the fields to return
-- replies:   found, list of {id, value of each field ('' for none)} · not-found (the required key does not exist)
-- Run again: reads only.
--- @include registry

if args.requires and redis.call('EXISTS', R .. args.requires) == 0 then return { 'not-found' } end
local rows = {}
for i, id in ipairs(redis.call('SMEMBERS', R .. args.set)) do
  rows[i] = { id }
  local values = redis.call('HMGET', R .. ':token:' .. id, unpack(args.fields))
  for _, value in ipairs(values) do table.insert(rows[i], value or '') end
end
return { 'found', rows }
