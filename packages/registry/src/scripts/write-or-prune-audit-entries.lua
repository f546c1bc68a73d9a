#!lua flags=allow-oom
-- write-or-prune-audit-entries adds an entry to the audit, adds an entry's outcome, or removes entries. It changes
-- nothing that an entry says already. It also runs on a full Redis, because no change is made without an entry, and
-- operators make changes to repair that.
--
-- args:      one of
--            add {id, entry, commandDeadline?}    an entry at the end: JSON text with actor {id}, targetId?,
--                                                 connectorId?, and all else that is known. After the deadline nothing
--                                                 is written
--            settle {id, ended}                   how it ended, and what was not known when it was written: JSON text
--                                                 with outcome, targetId?, connectorId?, …
--            prune {before, limit}                the oldest entries below a score (text), with all that points at them
-- replies:   written · late · kept (there is no such entry, or it has an outcome) · removed, how many
-- Run again: adds the entry once; replies kept; removes the next ones.
--- @include audit

-- add keeps entries in the order in which they were written, also within one millisecond.
local function add(id, entry, command_deadline)
  if command_deadline and now > command_deadline then return { 'late' } end
  if redis.call('EXISTS', entry_key(id)) == 1 then return { 'written' } end
  local last = redis.call('ZRANGE', AUDIT, -1, -1, 'WITHSCORES')[2]
  -- A 1024th of a millisecond is a step that a score of epoch milliseconds holds exactly.
  local score = last and math.max(now, tonumber(last) + 1 / 1024) or now
  redis.call('SET', entry_key(id), entry)
  index_entry(id, string.format('%.17g', score), (read_entry(id)))
  return { 'written' }
end

local function add_outcome(id, ended)
  local entry = read_entry(id)
  if not entry or entry.outcome then return { 'kept' } end
  redis.call('APPEND', entry_key(id), '\n' .. ended)
  index_entry(id, redis.call('ZSCORE', AUDIT, id), (read_entry(id)))
  return { 'written' }
end

local function prune(before, limit)
  local ids = redis.call('ZRANGEBYSCORE', AUDIT, '-inf', '(' .. before, 'LIMIT', 0, limit)
  for _, id in ipairs(ids) do
    local entry = read_entry(id)
    if entry then index_entry(id, nil, entry) else redis.call('ZREM', AUDIT, id) end
    redis.call('DEL', entry_key(id))
  end
  return { 'removed', #ids }
end

if args.add then return add(args.add.id, args.add.entry, args.add.commandDeadline) end
if args.settle then return add_outcome(args.settle.id, args.settle.ended) end
return prune(args.prune.before, args.prune.limit)
