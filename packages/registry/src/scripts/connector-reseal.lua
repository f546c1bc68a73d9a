-- connector-reseal replaces credentials with the same ones, resealed. The connector's version stays the same: no
-- process has to read them again, because the older seal opens as well.
--
-- args:      id, before, after
-- replies:   1 · 0 (it is deleted, or its credentials changed meanwhile)
-- Run again: replies 0, and changes nothing.
--- @include registry

local key = R .. ':cn:' .. args.id
local document = redis.call('GET', key)
if not document or cjson.decode(document).credentials ~= args.before then return { 0 } end
-- The text is replaced as text: cjson would write an empty list as an object. Sealed text has nothing that JSON
-- escapes.
local from, to = string.find(document, '"credentials":"' .. args.before .. '"', 1, true)
local head, tail = string.sub(document, 1, from - 1), string.sub(document, to + 1)
redis.call('SET', key, head .. '"credentials":"' .. args.after .. '"' .. tail)
return { 1 }
