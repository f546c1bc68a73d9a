-- describe-dead-letter-causes describes the causes of one shard's dead letters, of one connector or of all.
--
-- args:      connectorId         all causes of this connector, or
--            causes, named       these causes, each with so many connectors, the latest first
-- replies:   flat list, for each cause: cause, description (JSON, with `beganAt`), count,
--            list of how many died in each ten minutes of the last hour (the oldest first; empty where none did),
--            firstAt, lastAt, sampleId, count of connectors, list of their ids
-- Run again: reads only.
--- @include shard-keys-clock-and-record
local args = cjson.decode(ARGV[1])

local TEN_MINUTES_MS, TEN_MINUTES_PER_HOUR = 600000, 6
local rows = {}

-- count_died_per_ten_minutes counts the dead letters of `key` that died in each ten minutes of the last hour.
local function count_died_per_ten_minutes(key, last_at)
  local counts, begin = {}, now - TEN_MINUTES_PER_HOUR * TEN_MINUTES_MS
  if last_at < begin then return counts end
  for i = 1, TEN_MINUTES_PER_HOUR do
    local from = begin + (i - 1) * TEN_MINUTES_MS
    local to = i < TEN_MINUTES_PER_HOUR and '(' .. format_int(from + TEN_MINUTES_MS) or '+inf'
    counts[i] = call('ZCOUNT', key, format_int(from), to)
  end
  return counts
end

-- find_reason looks into the index of each reason, because the record may be of another version of Baton.
local function find_reason(id)
  for _, reason in ipairs({ 'rejected', 'expired', 'exhausted', 'credentials', 'configuration' }) do
    if call('ZSCORE', P .. ':dead:r:' .. reason, id) then return reason end
  end
  return 'unknown'
end

-- Causes beyond a connector's limit share one row of several reasons. It shows the reason of the newest dead letter.
local function describe_other_causes(text, first_at, newest)
  local began_at = text and cjson.decode(text).beganAt or tonumber(first_at)
  return cjson.encode({ reason = find_reason(newest), detail = 'more causes than are counted separately',
    beganAt = began_at })
end

local function add_cause_row(cause, key, connectors, ids)
  local count = call('ZCARD', key)
  if count == 0 then return end
  local first = call('ZRANGE', key, 0, 0, 'WITHSCORES')
  local last = call('ZRANGE', key, -1, -1, 'WITHSCORES')
  local recent = count_died_per_ten_minutes(key, tonumber(last[2]))
  local text = call('HGET', P .. ':causes', cause)
  if not text or cause == 'other' then text = describe_other_causes(text, first[2], last[1]) end
  for _, value in ipairs({ cause, text, count, recent, first[2], last[2], last[1], connectors, ids }) do
    rows[#rows + 1] = value
  end
end

local function add_cause_row_of_all_connectors(cause)
  local connectors_key = P .. ':dead:fc:' .. cause
  local latest = call('ZREVRANGE', connectors_key, 0, args.named - 1)
  add_cause_row(cause, P .. ':dead:f:' .. cause, call('ZCARD', connectors_key), latest)
end

local function add_cause_row_of_connector(cause)
  add_cause_row(cause, P .. ':dead:cf:' .. args.connectorId .. ':' .. cause, 1, { args.connectorId })
end

if args.connectorId then
  for _, cause in ipairs(call('ZRANGE', P .. ':dead:cc:' .. args.connectorId, 0, -1)) do
    add_cause_row_of_connector(cause)
  end
else
  for _, cause in ipairs(args.causes) do add_cause_row_of_all_connectors(cause) end
end
return rows
