-- read gives a handoff as it is now: one whose deadline has passed reads dead, also when no worker runs.
--
-- args: ids, fenceMs
-- replies: for each id the record, empty where there is none
-- Twice: the same. Who waited behind one that ended is noted in `wakes`, for the workers' next round.
--- @include shard
--- @include line
--- @include cause
--- @include dead-letter-index
--- @include ending

local records = {}
for i, id in ipairs(args.ids) do
  local record = load(id)
  if record then expire(record, args.fenceMs) end
  records[i] = record and snapshot(record) or {}
end
return records
