-- Idempotency: what a caller's key stands for, JSON of {id, fingerprint, last?}. `last` is how its handoff ended, once
-- the record is gone.

-- note_asker notes who asked for a handoff by its idempotency key, in `told`: whatever 503 came before, it is no longer
-- taken back, unless each of them was answered 503 as well. Past MOST_TOLD it is never taken back.
local MOST_TOLD, MANY = 8, 'many'
local function note_asker(record, asker)
  local told, mark = record.told or '', mark_of(asker)
  if record.st ~= 'queued' or told == MANY or string.find(told, mark, 1, true) then return end
  local _, others = string.gsub(told, ',', ',')
  set(record, 'told', others < MOST_TOLD and told .. mark .. ',' or MANY)
end

-- find_by_key gives the answer to whoever comes with a key: replayed, id, record, or reused; nil where it stands for
-- nothing, or for `asker` itself. `fingerprints` is a list, separated by commas.
local function find_by_key(connector, key, fingerprints, asker, fence_ms)
  local kept = call('GET', idempotency_key(connector, key))
  local earlier = kept and cjson.decode(kept)
  if not earlier or earlier.id == asker then return nil end
  local record = load(earlier.id)
  if not record and not earlier.last then return nil end
  for fingerprint in string.gmatch(fingerprints, '[^,]+') do
    if fingerprint == earlier.fingerprint then
      if not record then return { 'replayed', earlier.id, earlier.last } end
      expire(record, fence_ms)
      note_asker(record, asker)
      return { 'replayed', earlier.id, public_fields(record) }
    end
  end
  return { 'reused' }
end
