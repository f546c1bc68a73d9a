-- reseal puts what was sealed anew in the place of what was read, unless somebody else changed or removed it meanwhile.
--
-- args: swaps [{key (behind the tag), field? (where the key is a hash's), handoffId?, before, after}]
-- replies: 1 or 0 for each: whether it was put there. What a newer Baton wrote is left alone: 0
-- Twice: 0, and nothing changes.
--- @include shard

local function read(key, field)
  if field then return redis.call('HGET', key, field) end
  return redis.call('GET', key)
end

local function put(key, field, value)
  if field then redis.call('HSET', key, field, value) else redis.call('SET', key, value) end
end

local function is_newer(id)
  local schema = id and redis.call('HGET', handoff_key(id), 'v')
  return schema and tonumber(schema) > SCHEMA
end

local done = {}
for i, swap in ipairs(args.swaps) do
  local key = P .. swap.key
  local same = read(key, swap.field) == swap.before and not is_newer(swap.handoffId)
  if same then put(key, swap.field, swap.after) end
  done[i] = same and 1 or 0
end
return done
