-- key-list tells the keys of a set, in no order, without their hashes.
--
-- args: set (behind the tag), requires? (a key behind the tag that must be there), fields replies: not-found (what is
-- required is not there) · found, list of {id, value of each field ('' where there is none)} Twice: reads only.
--- @include registry

if args.requires and redis.call('EXISTS', R .. args.requires) == 0 then return { 'not-found' } end
local rows = {}
for i, id in ipairs(redis.call('SMEMBERS', R .. args.set)) do
  rows[i] = { id }
  for _, value in ipairs(redis.call('HMGET', R .. ':token:' .. id, unpack(args.fields))) do table.insert(rows[i], value or '') end
end
return { 'found', rows }
