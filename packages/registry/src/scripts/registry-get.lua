-- registry-get reads documents, or some fields of one hash.
--
-- args:      keys (without the tag; one page of them), or hash (without the tag) and fields
-- replies:   the values in the same order, '' for none
-- Run again: reads only.
--- @include registry

local values = {}
if args.hash then
  values = redis.call('HMGET', R .. args.hash, unpack(args.fields))
else
  -- One command each: Lua passes no more than some thousand arguments to one command.
  for i, key in ipairs(args.keys) do values[i] = redis.call('GET', R .. key) end
end
for i, value in ipairs(values) do values[i] = value or '' end
return values
