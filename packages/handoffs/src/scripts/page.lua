#!lua flags=allow-oom
-- page reads one index from the newest down, and the records behind it.
--
-- args: index (key without the tag), before? {score, member} (the last one of the page before), from?, to? (scores),
--       where {field: value, …} (what the index does not say already), limit, scan (how many entries to look at, at
--         most), fenceMs
-- replies: flat list: id, score, record, …; next score and member ('' when the index is at its end)
-- Twice: the same. A handoff past its deadline is ended on the way, as `read` does.
--- @include shard
--- @include jobs
--- @include gate
--- @include contact-queue
--- @include waiting
--- @include public-fields
--- @include cause
--- @include dead-letter-index
--- @include minutes
--- @include ending
local args = cjson.decode(ARGV[1])

local key = P .. args.index
local top = args.to or '+inf'
if args.before then top = math.min(args.before.score, args.to or args.before.score) end
local bottom = args.from or '-inf'

local function matches(record)
  for field, value in pairs(args.where) do
    if record[field] ~= value then return false end
  end
  return true
end

-- Entries of one score are in the order of their members: those not yet behind the cursor are passed over.
local function behind_cursor(member, score)
  if not args.before then return true end
  return tonumber(score) < args.before.score or (tonumber(score) == args.before.score and member < args.before.member)
end

local STEP = 100
local function read_page()
  local found, scanned, offset = {}, 0, 0
  local last_score, last_member = '', ''
  while true do
    local entries = call('ZREVRANGEBYSCORE', key, top, bottom, 'WITHSCORES', 'LIMIT', offset, STEP)
    for i = 1, #entries, 2 do
      local id, score = entries[i], entries[i + 1]
      if behind_cursor(id, score) then
        if #found >= args.limit * 3 or scanned >= args.scan then return { found, last_score, last_member } end
        scanned = scanned + 1
        last_score, last_member = score, id
        local record = find(id)
        if record then
          expire(record, args.fenceMs)
          if matches(record) then
            found[#found + 1] = id
            found[#found + 1] = score
            found[#found + 1] = public_fields(record)
          end
        end
      end
    end
    if #entries < STEP * 2 then return { found, '', '' } end
    offset = offset + STEP
  end
end

local reply = read_page()
flush()
set_marker()
return reply
