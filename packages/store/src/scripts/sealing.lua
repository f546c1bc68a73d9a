-- sealing tells which keys processes seal with, and how long ago one of them showed itself.
--
-- args: none
-- replies: flat list: key id, milliseconds, …
-- Twice: reads only.
--- @include registry

local seen = redis.call('ZRANGE', R .. ':sealing', 0, -1, 'WITHSCORES')
for i = 2, #seen, 2 do seen[i] = now - seen[i] end
return seen
