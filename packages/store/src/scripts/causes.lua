-- causes groups one shard's dead letters by what went wrong.
--
-- args: connectorIds
-- replies: flat list: connectorId, cause, description (JSON), count, firstAt, lastAt, sampleId, …
-- Twice: reads only.
--- @include shard

local rows = {}

-- What came after the 200th cause of a connector is one row, of several reasons: it tells the newest letter's.
local function describe_other(newest)
  local record = glance(newest)
  return cjson.encode({ reason = record and record.why, detail = 'more causes than are told apart' })
end

local function add(connector, cause, description)
  local key = P .. ':dead:cf:' .. connector .. ':' .. cause
  local count = redis.call('ZCARD', key)
  if count == 0 then return end
  local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
  local last = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')
  for _, value in ipairs({ connector, cause, description or describe_other(last[1]), count, first[2], last[2], last[1] }) do rows[#rows + 1] = value end
end

for _, connector in ipairs(args.connectorIds) do
  local causes = redis.call('HGETALL', P .. ':causes:' .. connector)
  for i = 1, #causes, 2 do add(connector, causes[i], causes[i + 1]) end
  add(connector, 'other')
end
return rows
