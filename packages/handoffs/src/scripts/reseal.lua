-- reseal puts what was sealed anew in the place of what was read, unless somebody else changed or removed it meanwhile.
--
-- args: swaps [{key (behind the tag), field? (where the key is a hash's), handoffId?, before, after}]
-- replies: 1 or 0 for each: whether it was put there. What another version of Baton wrote is left alone: 0
-- Twice: 0, and nothing changes.
--- @include shard
local args = cjson.decode(ARGV[1])

local function read(key, field)
  if field then return call('HGET', key, field) end
  return call('GET', key)
end

local function put(key, field, value)
  if field then call('HSET', key, field, value) else call('SET', key, value) end
end

local function is_of_another_version(id)
  local schema = id and call('HGET', handoff_key(id), 'v')
  return schema and not is_known(tonumber(schema))
end

local done = {}
for i, swap in ipairs(args.swaps) do
  local key = P .. swap.key
  local same = read(key, swap.field) == swap.before and not is_of_another_version(swap.handoffId)
  if same then put(key, swap.field, swap.after) end
  done[i] = same and 1 or 0
end
return done
