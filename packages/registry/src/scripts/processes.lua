-- processes lists the processes that showed themselves lately, as each described itself.
--
-- args: none
-- replies: flat list: description (JSON), …
-- Twice: reads only.
--- @include registry

return redis.call('ZRANGEBYSCORE', R .. ':processes', now, '+inf')
