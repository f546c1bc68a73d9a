#!lua flags=allow-oom
-- pause-or-resume-everything keeps whether everything is paused. It also runs on a full Redis: a plain HSET does not.
--
-- args:      paused?             while everything is paused: 1, or until when
--            pausedSince?        left out where the pause that there is goes on
-- replies:   (none)
-- Run again: the same state.
--- @include registry-keys-clock-and-version
if not args.paused then
  redis.call('HDEL', META, 'paused', 'pausedSince')
  return {}
end
redis.call('HSET', META, 'paused', args.paused)
if args.pausedSince then redis.call('HSET', META, 'pausedSince', args.pausedSince) end
return {}
