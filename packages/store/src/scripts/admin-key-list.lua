-- admin-key-list tells every admin key, in no order.
--
-- args: none
-- replies: flat list: id, name, role, createdAt, lastUsedAt, expiresAt, … ('' where there is none)
-- Twice: reads only.
--- @include registry

local flat = {}
for _, id in ipairs(redis.call('SMEMBERS', R .. ':admin-keys')) do
  local values = redis.call('HMGET', R .. ':token:' .. id, 'name', 'role', 'createdAt', 'lastUsedAt', 'expiresAt')
  flat[#flat + 1] = id
  for i = 1, 5 do flat[#flat + 1] = values[i] or '' end
end
return flat
