-- registry-get reads documents, or some fields of one hash, from the registry.
--
-- args: keys (without the tag) · or hash (without the tag) and fields
-- replies: the values in order, '' where there is none
-- Twice: reads only.
--- @include registry

local values
if args.hash then
  values = redis.call('HMGET', R .. args.hash, unpack(args.fields))
else
  local keys = {}
  for i, key in ipairs(args.keys) do keys[i] = R .. key end
  values = redis.call('MGET', unpack(keys))
end
for i, value in ipairs(values) do values[i] = value or '' end
return values
