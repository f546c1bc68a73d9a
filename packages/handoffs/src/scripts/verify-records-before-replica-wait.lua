#!lua flags=allow-oom
-- verify-records-before-replica-wait makes the last write before a WAIT: a replica that has it has every earlier write
-- as well. It also checks that records are here as they were written: after a failover, the new master may never have
-- had them.
--
-- args:      records, each null or {key (without the tag), fields {name: value}}
-- replies:   the positions, from 1, of records that are missing or differ
-- Run again: the same reply.
--- @include shard-keys-clock-and-record
local args = cjson.decode(ARGV[1])

call('HSET', P .. ':meta', 'replicated', now)

local function is_record_as_written(record)
  if call('EXISTS', P .. record.key) == 0 then return false end
  for name, value in pairs(record.fields) do
    if call('HGET', P .. record.key, name) ~= value then return false end
  end
  return true
end

local missing = {}
for position, record in ipairs(args.records) do
  if record ~= cjson.null and not is_record_as_written(record) then missing[#missing + 1] = position end
end
return missing
