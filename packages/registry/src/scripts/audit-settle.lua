-- audit-settle adds an entry's outcome, and what was not known when the entry was written. It never changes what the
-- entry says already.
--
-- args:      id, ended (JSON text: outcome, targetId?, connectorId?, …)
-- replies:   settled · kept (there is no such entry, or it has an outcome)
-- Run again: replies kept.
--- @include registry
--- @include audit

local entry = read_entry(args.id)
if not entry or entry.outcome then return { 'kept' } end
redis.call('APPEND', entry_key(args.id), '\n' .. args.ended)
index_entry(args.id, redis.call('ZSCORE', AUDIT, args.id), (read_entry(args.id)))
return { 'settled' }
