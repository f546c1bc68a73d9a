-- connector-reseal puts credentials sealed anew in the place of those that were read. The connector's version stays:
-- nobody needs to look again, because what they hold opens as well.
--
-- args: id, before, after
-- replies: 1 · 0 (it is gone, or its credentials are others meanwhile)
-- Twice: 0, and nothing changes.
--- @include registry

local key = R .. ':cn:' .. args.id
local document = redis.call('GET', key)
if not document or cjson.decode(document).credentials ~= args.before then return { 0 } end
-- Put in as text: written by cjson, an empty list would become an object. Sealed text has nothing that JSON escapes.
local from, to = string.find(document, '"credentials":"' .. args.before .. '"', 1, true)
redis.call('SET', key, string.sub(document, 1, from - 1) .. '"credentials":"' .. args.after .. '"' .. string.sub(document, to + 1))
return { 1 }
