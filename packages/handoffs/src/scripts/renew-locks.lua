#!lua flags=allow-oom
-- renew-locks keeps a worker's jobs from being taken for stalled. It writes nothing new, so that a Redis that is full
-- runs it too.
--
-- ARGV: lockMs, jobs
-- replies: how many locks there were
-- Twice: the same.
--- @include shard
--- @include jobs

local renewed = 0
for i = 2, #ARGV do renewed = renewed + call('PEXPIRE', lock_of(ARGV[i]), ARGV[1]) end
return renewed
