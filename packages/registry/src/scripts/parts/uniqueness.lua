-- What a connector claims for itself alone: its project, and its pseudo numbers as digits.

-- taken gives why `id` cannot claim these; nil where it can.
local function taken(id, project, numbers)
  local owner = redis.call('HGET', R .. ':projects', project)
  if owner and owner ~= id then return { 'project-taken', owner } end
  for _, digits in ipairs(numbers) do
    local holder = redis.call('HGET', R .. ':numbers', digits)
    if holder and holder ~= id then return { 'number-taken', digits } end
  end
end

local function claim(id, project, numbers)
  redis.call('HSET', R .. ':projects', project, id)
  for _, digits in ipairs(numbers) do redis.call('HSET', R .. ':numbers', digits, id) end
end

local function unclaim(project, numbers)
  redis.call('HDEL', R .. ':projects', project)
  for _, digits in ipairs(numbers) do redis.call('HDEL', R .. ':numbers', digits) end
end

-- note_paused keeps those that are paused by themselves: whoever looks at thousands does not read their documents.
local function note_paused(id, paused) redis.call(paused and 'SADD' or 'SREM', R .. ':paused', id) end
