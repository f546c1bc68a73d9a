-- recall looks an idempotency key up where the body was refused before it could be accepted.
--
-- args: asker (the id that the handoff would have had), connectorId, fenceMs, idempotency {key, fingerprints}
-- replies: none · reused · replayed, id, record
-- Twice: the same again.
--- @include shard
--- @include line
--- @include cause
--- @include dead-letter-index
--- @include ending
--- @include idempotency

return recall(args.connectorId, args.idempotency, args.asker) or { 'none' }
