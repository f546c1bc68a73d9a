#!lua flags=allow-oom
-- renew-locks renews the locks of a worker's jobs, so that BullMQ does not take them for stalled. It writes nothing
-- new: it also runs on a Redis that is full.
--
-- ARGV:      lockMs, jobs
-- replies:   how many locks there were
-- Run again: the same reply.
--- @include shard
--- @include jobs

local renewed = 0
for i = 2, #ARGV do renewed = renewed + call('PEXPIRE', lock_of(ARGV[i]), ARGV[1]) end
return renewed
