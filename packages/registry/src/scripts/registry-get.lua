-- registry-get reads documents, or some fields of one hash, from the registry.
--
-- args: keys (without the tag; a page of them) · or hash (without the tag) and fields
-- replies: the values in order, '' where there is none
-- Twice: reads only.
--- @include registry

local values = {}
if args.hash then
  values = redis.call('HMGET', R .. args.hash, unpack(args.fields))
else
  -- One by one: Lua hands a command no more than some thousand arguments.
  for i, key in ipairs(args.keys) do values[i] = redis.call('GET', R .. key) end
end
for i, value in ipairs(values) do values[i] = value or '' end
return values
