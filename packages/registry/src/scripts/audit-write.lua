-- audit-write adds an entry at the end of the audit. Entries keep the order in which they were written, also within one
-- millisecond.
--
-- args:      id
--            commandDeadline?    after this nothing is written
--            written             JSON text: actor {id}, targetId?, connectorId?, and all else that is known
-- replies:   written · late
-- Run again: the same entry, once.
--- @include registry
--- @include audit

if args.commandDeadline and now > args.commandDeadline then return { 'late' } end
if redis.call('EXISTS', entry_key(args.id)) == 1 then return { 'written' } end
local last = redis.call('ZRANGE', AUDIT, -1, -1, 'WITHSCORES')[2]
-- A 1024th of a millisecond is a step that a score of epoch milliseconds holds exactly.
local score = last and math.max(now, tonumber(last) + 1 / 1024) or now
redis.call('SET', entry_key(args.id), args.written)
index_entry(args.id, string.format('%.17g', score), (read_entry(args.id)))
return { 'written' }
