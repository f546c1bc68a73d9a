#!lua
-- add-dead-letters-to-plan adds the next dead letters of an index, the oldest first, to a plan's lists, and counts
-- them. It fails on a Redis that is full.
--
-- args:      run, index (its key, without the tag)
--            reasons?            only these
--            where               {field: value, …}, conditions that the index does not cover
--            from?, to?          scores
--            after?              {score, member}, the last one of the step before
--            limit               how many entries to read, at most
--            asOf?               what died later is left out; the first step returns it
--            ages                milliseconds
--            includeUnknown      whether the run takes those that may have arrived
--            sample              how many ids to return of those that the run takes
-- replies:   score and member to go on from ('' at the end), matched, mayHaveArrived,
--            counts by reason (flat), counts by connector (flat), counts by age, sample (flat: diedAt, id), asOf,
--            mayHaveArrived by connector (flat)
-- Run again: with the same `after`, adds the same dead letters twice. A caller that lost a reply starts another plan.
--- @include run-keys-and-results
local args = cjson.decode(ARGV[1])

local key, limit = P .. args.index, args.limit
local as_of = args.asOf or now
local from, to = args.from or '-inf', math.min(as_of, args.to or as_of)

-- index_entries_after returns the entries that follow the cursor. Where the cursor's entry was removed, it skips the
-- entries of its score up to its member.
local function index_entries_after(after)
  local rank = call('ZSCORE', key, after.member) == after.score and call('ZRANK', key, after.member)
  if rank then return call('ZRANGE', key, rank + 1, rank + limit, 'WITHSCORES') end
  local offset = 0
  while true do
    local kept, found = {}, call('ZRANGE', key, after.score, format_int(to), 'BYSCORE', 'LIMIT', offset, limit,
      'WITHSCORES')
    for i = 1, #found, 2 do
      if found[i + 1] ~= after.score or found[i] > after.member then
        kept[#kept + 1] = found[i]
        kept[#kept + 1] = found[i + 1]
      end
    end
    if #kept > 0 or #found < 2 * limit then return kept end
    offset = offset + limit
  end
end

local reasons
if args.reasons then
  reasons = {}
  for _, reason in ipairs(args.reasons) do reasons[reason] = true end
end

local FIELDS = { 'st', 'cn', 'ct', 'gen', 'why', 'cause', 'may' }
local function read_dead_letter(id)
  local values, record = call('HMGET', handoff_key(id), unpack(FIELDS)), {}
  for i, name in ipairs(FIELDS) do record[name] = values[i] end
  return record
end

local function matches_plan(record)
  for field, value in pairs(args.where) do
    if record[field] ~= value then return false end
  end
  return record.st == 'dead' and (not reasons or reasons[record.why])
end

local matched, unknown, by_reason, by_connector, by_age, sample, lists = 0, 0, {}, {}, {}, {}, {}
local unknown_by_connector = {}
for i in ipairs(args.ages) do by_age[i] = 0 end

local function increment_count(counts, name) counts[name] = (counts[name] or 0) + 1 end

local function add_dead_letter_to_plan(id, score)
  local record = read_dead_letter(id)
  if not matches_plan(record) then return end
  matched = matched + 1
  increment_count(by_reason, record.why)
  increment_count(by_connector, record.cn)
  if record.may == '1' then
    unknown = unknown + 1
    increment_count(unknown_by_connector, record.cn)
  end
  for n, age in ipairs(args.ages) do
    if as_of - score > age then by_age[n] = by_age[n] + 1 end
  end
  if #sample < 2 * args.sample and (record.may ~= '1' or args.includeUnknown) then
    sample[#sample + 1] = score
    sample[#sample + 1] = id
  end
  lists[record.cn] = lists[record.cn] or {}
  local list = lists[record.cn]
  list[#list + 1] = score .. '.' .. record.gen .. '.' .. id
end

local function write_plan_items(connector, list)
  call('RPUSH', run_items_key(args.run, connector), unpack(list))
  local run = run_key(args.run)
  if call('ZADD', run .. ':next', 'NX', died_at_of_item(list[1]), connector) == 0 then return end
  call('HSET', run, 'of:' .. call('HINCRBY', run, 'connectors', 1) - 1, connector)
end

local function flatten_counts(counts)
  local list = {}
  for name, count in pairs(counts) do
    list[#list + 1] = name
    list[#list + 1] = count
  end
  return list
end

local entries = args.after and index_entries_after(args.after)
  or call('ZRANGE', key, from, format_int(to), 'BYSCORE', 'LIMIT', 0, limit, 'WITHSCORES')
local last_score, last_member = '', ''
local is_at_end = #entries < 2 * limit
for i = 1, #entries, 2 do
  local id, score = entries[i], entries[i + 1]
  if tonumber(score) > to then
    is_at_end = true
    break
  end
  last_score, last_member = score, id
  add_dead_letter_to_plan(id, score)
end
for connector, list in pairs(lists) do write_plan_items(connector, list) end
if matched > 0 then call('HINCRBY', run_key(args.run), 'matched', matched) end
if is_at_end then last_score, last_member = '', '' end
return { last_score, last_member, matched, unknown, flatten_counts(by_reason), flatten_counts(by_connector), by_age,
  sample, format_int(as_of), flatten_counts(unknown_by_connector) }
