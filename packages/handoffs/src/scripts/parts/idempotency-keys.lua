--- @include list-public-record-fields
--- @include handoff-endings
-- Idempotency: the entry of a caller's key is JSON of {id, fingerprint, last?}. `last` is how its handoff ended, once
-- the record is deleted.

-- record_acknowledged_repeat records in `acknowledged` that a repeat of the request gets this handoff: it is then not
-- withdrawn because an earlier answer was 503, unless every repeat is answered 503 as well. Past MAX_ACKNOWLEDGED
-- repeats it is never withdrawn.
local MAX_ACKNOWLEDGED, MANY = 8, 'many'
local function record_acknowledged_repeat(record, new_id)
  local acknowledged, short = record.acknowledged or '', shorten_id(new_id)
  if record.st ~= 'queued' or acknowledged == MANY or string.find(acknowledged, short, 1, true) then return end
  local _, others = string.gsub(acknowledged, ',', ',')
  set_record_fields(record, 'acknowledged', others < MAX_ACKNOWLEDGED and acknowledged .. short .. ',' or MANY)
end

-- find_by_idempotency_key returns the reply to a request with this key: repeated, id, record; or reused, with the id of
-- the ring's key that made the stored fingerprint. It returns nil where the key is unknown, or is of `new_id` itself.
-- `fingerprints` is a list, separated by commas.
local function find_by_idempotency_key(connector, key, fingerprints, new_id, fence_ms)
  local kept = call('GET', idempotency_key(connector, key))
  local earlier = kept and cjson.decode(kept)
  if not earlier or earlier.id == new_id then return nil end
  local record = find_record_or_fail(earlier.id)
  if not record and not earlier.last then return nil end
  for fingerprint in string.gmatch(fingerprints, '[^,]+') do
    if fingerprint == earlier.fingerprint then
      if not record then return { 'repeated', earlier.id, earlier.last } end
      expire_if_overdue(record, fence_ms)
      record_acknowledged_repeat(record, new_id)
      return { 'repeated', earlier.id, list_public_fields(record) }
    end
  end
  return { 'reused', string.match(earlier.fingerprint, '^[^.]*') }
end
