-- Idempotency: what a caller's key stands for, JSON of {id, fingerprint, last?}. `last` is how its handoff ended, once
-- the record is gone.

-- note_asker notes who asked for a handoff by its idempotency key, in `acknowledged`: whatever 503 came before, it is
-- no longer taken back, unless each of them was answered 503 as well. Past MOST_ACKNOWLEDGED it is never taken back.
local MOST_ACKNOWLEDGED, MANY = 8, 'many'
local function note_asker(record, asker)
  local acknowledged, mark = record.acknowledged or '', mark_of(asker)
  if record.st ~= 'queued' or acknowledged == MANY or string.find(acknowledged, mark, 1, true) then return end
  local _, others = string.gsub(acknowledged, ',', ',')
  set(record, 'acknowledged', others < MOST_ACKNOWLEDGED and acknowledged .. mark .. ',' or MANY)
end

-- find_by_key gives the answer to whoever comes with a key: repeated, id, record, or reused; nil where it stands for
-- nothing, or for `asker` itself. `fingerprints` is a list, separated by commas.
local function find_by_key(connector, key, fingerprints, asker, fence_ms)
  local kept = call('GET', idempotency_key(connector, key))
  local earlier = kept and cjson.decode(kept)
  if not earlier or earlier.id == asker then return nil end
  local record = load(earlier.id)
  if not record and not earlier.last then return nil end
  for fingerprint in string.gmatch(fingerprints, '[^,]+') do
    if fingerprint == earlier.fingerprint then
      if not record then return { 'repeated', earlier.id, earlier.last } end
      expire(record, fence_ms)
      note_asker(record, asker)
      return { 'repeated', earlier.id, public_fields(record) }
    end
  end
  return { 'reused' }
end
