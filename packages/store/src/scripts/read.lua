-- read gives a handoff as it is now: one whose deadline has passed reads dead, also when no worker runs.
--
-- args: ids, fenceMs
-- replies: for each id the record (empty where there is none), then the jobs to promote
-- Twice: the same.
--- @include shard
--- @include line
--- @include cause
--- @include dead-letter-index
--- @include ending

local records, wake = {}, {}
for i, id in ipairs(args.ids) do
  local record = load(id)
  if record then
    local _, next_job = expire(record, args.fenceMs)
    if next_job then wake[#wake + 1] = next_job end
  end
  records[i] = snapshot(id)
end
return { records, wake }
