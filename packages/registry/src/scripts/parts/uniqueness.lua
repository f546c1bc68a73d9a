-- What only one connector may have: its project, and its pseudo numbers as digits.

-- find_conflict returns why `id` cannot claim the project and the numbers; nil where it can.
local function find_conflict(id, project, numbers)
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

local function release(project, numbers)
  redis.call('HDEL', R .. ':projects', project)
  for _, digits in ipairs(numbers) do redis.call('HDEL', R .. ':numbers', digits) end
end

-- index_paused keeps the paused connectors in a set of their own, so that a list of thousands reads no documents.
local function index_paused(id, paused) redis.call(paused and 'SADD' or 'SREM', R .. ':paused', id) end
