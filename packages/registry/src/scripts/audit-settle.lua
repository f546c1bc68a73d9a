-- audit-settle adds to an entry how it ended, and what was not known before. What an entry says already is never
-- changed.
--
-- args: id, ended (JSON text: outcome, targetId?, connectorId?, …)
-- replies: settled · kept (there is no such entry, or it has an outcome)
-- Twice: kept.
--- @include registry
--- @include audit

local entry = entry_of(args.id)
if not entry or entry.outcome then return { 'kept' } end
redis.call('APPEND', entry_key(args.id), '\n' .. args.ended)
index(args.id, redis.call('ZSCORE', AUDIT, args.id), (entry_of(args.id)))
return { 'settled' }
