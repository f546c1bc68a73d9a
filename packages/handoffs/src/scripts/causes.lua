-- causes tells of one shard's dead letters what went wrong: with one connector, or with all that it befell.
--
-- args: connectorId (all of its causes) · or causes; named (so many connectors are named of each, the latest first)
-- replies: flat list: cause, description (JSON), count, of the last hour, since when without a break, firstAt, lastAt,
--          sampleId, connectors, list of their ids, …
-- Twice: reads only.
--- @include shard
local args = cjson.decode(ARGV[1])

local LAST_HOUR_MS = 3600000
local rows = {}

-- What came after the 200th cause of a connector is one row, of several reasons: it tells the newest letter's.
local function describe_other(record)
  return cjson.encode({ reason = record and record.why, detail = 'more causes than are told apart' })
end

local function describe(cause, newest)
  local record = find(newest)
  local description = record and call('HGET', P .. ':causes:' .. record.cn, cause)
  return description or describe_other(record)
end

local function add(cause, key, connectors, ids)
  local count = call('ZCARD', key)
  if count == 0 then return end
  local first = call('ZRANGE', key, 0, 0, 'WITHSCORES')
  local last = call('ZRANGE', key, -1, -1, 'WITHSCORES')
  local recent = call('ZCOUNT', key, int(now - LAST_HOUR_MS), '+inf')
  local began = call('HGET', P .. ':causes-began', cause) or first[2]
  local row = { cause, describe(cause, last[1]), count, recent, began, first[2], last[2], last[1], connectors, ids }
  for _, value in ipairs(row) do rows[#rows + 1] = value end
end

local function add_of_all(cause)
  local befallen = P .. ':dead:fc:' .. cause
  add(cause, P .. ':dead:f:' .. cause, call('ZCARD', befallen), call('ZREVRANGE', befallen, 0, args.named - 1))
end

local function add_of_connector(cause) add(cause, P .. ':dead:cf:' .. args.connectorId .. ':' .. cause, 1, { args.connectorId }) end

if args.connectorId then
  for _, cause in ipairs(call('HKEYS', P .. ':causes:' .. args.connectorId)) do add_of_connector(cause) end
  add_of_connector('other')
else
  for _, cause in ipairs(args.causes) do add_of_all(cause) end
end
return rows
