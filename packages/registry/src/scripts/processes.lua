-- processes lists the processes that sent a heartbeat lately, as each described itself.
--
-- args:      none
-- replies:   flat list of descriptions (JSON)
-- Run again: reads only.
--- @include registry

return redis.call('ZRANGEBYSCORE', R .. ':processes', now, '+inf')
