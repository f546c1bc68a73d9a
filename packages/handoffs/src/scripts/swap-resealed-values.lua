-- swap-resealed-values replaces sealed values with the same ones, resealed, unless another script changed or deleted
-- them meanwhile.
--
-- args:      swaps [{key (without the tag), field? (of a hash), handoffId?, before, after}]
-- replies:   for each: 1, or 0 where nothing was replaced; records of another version of Baton are left alone
-- Run again: replies 0, and changes nothing.
--- @include shard-keys-clock-and-record
local args = cjson.decode(ARGV[1])

local function read_sealed(key, field)
  if field then return call('HGET', key, field) end
  return call('GET', key)
end

local function write_sealed(key, field, value)
  if field then call('HSET', key, field, value) else call('SET', key, value) end
end

local function is_record_of_another_version(id)
  local schema = id and call('HGET', handoff_key(id), 'v')
  return schema and not is_supported_schema(tonumber(schema))
end

local done = {}
for i, swap in ipairs(args.swaps) do
  local key = P .. swap.key
  local same = read_sealed(key, swap.field) == swap.before and not is_record_of_another_version(swap.handoffId)
  if same then write_sealed(key, swap.field, swap.after) end
  done[i] = same and 1 or 0
end
return done
