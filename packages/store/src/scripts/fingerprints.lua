-- fingerprints tells with which keys the fingerprints were made that a repeat is still compared with, and when the last of each is forgotten.
--
-- args: none
-- replies: flat list: key id, moment, …
-- Twice: reads only.
--- @include shard

return redis.call('ZRANGE', P .. ':fingerprints', now, '+inf', 'BYSCORE', 'WITHSCORES')
