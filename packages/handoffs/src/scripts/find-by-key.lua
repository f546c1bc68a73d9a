#!lua flags=allow-oom
-- find-by-key looks up an idempotency key for a request that is refused before it can be accepted.
--
-- args:      newId (the id that the handoff would have had), connectorId, key (a digest), fingerprints (separated by
--            commas), fenceMs
-- replies:   none · reused · repeated, id, record
-- Run again: the same reply.
--- @include shard
--- @include jobs
--- @include gate
--- @include contact-queue
--- @include waiting
--- @include public-fields
--- @include cause
--- @include dead-letter-index
--- @include minutes
--- @include ending
--- @include idempotency
local args = cjson.decode(ARGV[1])

local found = find_by_key(args.connectorId, args.key, args.fingerprints, args.newId, args.fenceMs)
flush()
set_marker()
return found or { 'none' }
