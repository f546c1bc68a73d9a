#!lua flags=allow-oom
-- read-handoff-page reads an index and its records, the newest first.
--
-- args:      index               its key, without the tag
--            before?             {score, member}, the last one of the page before
--            from?, to?          scores
--            where               {field: value, …}, conditions that the index does not cover; '' for a field that
--                                has none
--            waitingFor?         only queued ones that wait for this
--            limit, scan         how many records to return, and how many entries to read, at most
--            fenceMs
-- replies:   flat list of id, score, record, …; then the score and member to go on from ('' at the end of the index)
-- Run again: the same reply. Like `read-handoff`, it ends handoffs past their deadline.
--- @include list-public-record-fields
--- @include handoff-endings
local args = cjson.decode(ARGV[1])

local key = P .. args.index
local top = args.to or '+inf'
if args.before then top = math.min(args.before.score, args.to or args.before.score) end
local bottom = args.from or '-inf'

local function matches_filter(record)
  for field, value in pairs(args.where) do
    if (record[field] or '') ~= value then return false end
  end
  return not args.waitingFor or (record.st == 'queued' and reason_to_wait(record) == args.waitingFor)
end

-- Entries of one score are ordered by member: those up to the cursor are left out.
local function is_after_cursor(member, score)
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
      if is_after_cursor(id, score) then
        if #found >= args.limit * 3 or scanned >= args.scan then return { found, last_score, last_member } end
        scanned = scanned + 1
        last_score, last_member = score, id
        local record = find_record(id)
        if record then
          expire_if_overdue(record, args.fenceMs)
          if matches_filter(record) then
            found[#found + 1] = id
            found[#found + 1] = score
            found[#found + 1] = list_public_fields(record)
          end
        end
      end
    end
    if #entries < STEP * 2 then return { found, '', '' } end
    offset = offset + STEP
  end
end

local reply = read_page()
flush_gathered_writes()
wake_workers_by_marker()
return reply
