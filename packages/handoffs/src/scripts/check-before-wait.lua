#!lua flags=allow-oom
-- replicated writes the last thing before a WAIT: what a replica has of it, it has of all that was taken before.
--
-- args: records, each null or {key (behind the tag), fields {name: value}}, which must be here as they were written:
-- after a failover, a
--       master that never had them would vouch for nothing
-- replies: the positions, from 1, of those that are not so
-- Twice: the same again.
--- @include shard
local args = cjson.decode(ARGV[1])

call('SET', P .. ':replicated', now)

local function is_kept(record)
  if call('EXISTS', P .. record.key) == 0 then return false end
  for name, value in pairs(record.fields) do
    if call('HGET', P .. record.key, name) ~= value then return false end
  end
  return true
end

local missing = {}
for position, record in ipairs(args.records) do
  if record ~= cjson.null and not is_kept(record) then missing[#missing + 1] = position end
end
return missing
