-- Idempotency: what a caller's key stands for, JSON of {id, fingerprint, last?}. `last` is how its handoff ended, once the record is gone.

-- note_asker notes who asked for a handoff by its idempotency key, in `told`: whatever 503 came before, it is no longer taken back, unless
-- each of them was answered 503 as well. Past MOST_TOLD it is never taken back.
local MOST_TOLD, MANY = 8, 'many'
local function note_asker(record, asker)
  local told = record.told or ''
  if record.st ~= 'queued' or told == MANY or string.find(told, asker, 1, true) then return end
  local _, others = string.gsub(told, ',', ',')
  write(record, { told = others < MOST_TOLD and told .. asker .. ',' or MANY })
end

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
      note_asker(record, asker)
      return { 'replayed', earlier.id, snapshot(record) }
    end
  end
  return { 'reused' }
end
