-- reseal puts what was sealed anew in the place of what was read, unless somebody else changed or removed it meanwhile.
--
-- args: swaps [{key (behind the tag), field, before, after}]
-- replies: 1 or 0 for each: whether it was put there. What a newer Baton wrote is left alone: 0
-- Twice: 0, and nothing changes.
--- @include shard

local done = {}
for i, swap in ipairs(args.swaps) do
  local key = P .. swap.key
  local values = redis.call('HMGET', key, swap.field, 'v')
  local same = values[1] == swap.before and (tonumber(values[2] or nil) or SCHEMA) <= SCHEMA
  if same then redis.call('HSET', key, swap.field, swap.after) end
  done[i] = same and 1 or 0
end
return done
