-- Idempotency: what a caller's key stands for, JSON of {id, fingerprint, last?}. `last` is how its handoff ended, once the record is gone.

local function idempotency_key(connector, key) return P .. ':idem:' .. connector .. ':' .. key end

-- recall gives the answer to whoever comes with a key: replayed, id, record, or reused; nil where it stands for nothing, or for `asker` itself.
local function recall(connector, idempotency, asker)
  local kept = redis.call('GET', idempotency_key(connector, idempotency.key))
  local earlier = kept and cjson.decode(kept)
  if not earlier or earlier.id == asker then return nil end
  local record = load(earlier.id)
  if not record and not earlier.last then return nil end
  for _, fingerprint in ipairs(idempotency.fingerprints) do
    if fingerprint == earlier.fingerprint then
      if not record then return { 'replayed', earlier.id, earlier.last } end
      expire(record, args.fenceMs)
      promise(record, asker)
      return { 'replayed', earlier.id, snapshot(earlier.id) }
    end
  end
  return { 'reused' }
end
