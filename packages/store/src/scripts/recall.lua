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

local kept = redis.call('GET', P .. ':idem:' .. args.connectorId .. ':' .. args.idempotency.key)
local earlier = kept and cjson.decode(kept)
local record = earlier and load(earlier.id)
if not record then return { 'none' } end
for _, fingerprint in ipairs(args.idempotency.fingerprints) do
  if fingerprint == earlier.fingerprint then
    expire(record, args.fenceMs)
    promise(record, args.asker)
    return { 'replayed', record.id, snapshot(record.id) }
  end
end
return { 'reused' }
