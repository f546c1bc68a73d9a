-- audit-page reads audit entries, the newest first.
--
-- args:      index               key of the index, without the audit's prefix
--            actor?, action?     only entries of this actor, of this action
--            connectorId?        only entries of this connector, where the index does not say so already
--            before?             only entries below this score: the last one of the page before
--            from?, to?          scores; `to` is not included
--            limit, scan         how many entries to return, and how many to read, at most
--            Scores are text, because a number would lose digits on the way.
-- replies:   flat list of id, score, lines, …; then the id and score to go on from ('' at the end of the index)
-- Run again: the same reply, except for entries that were added or removed meanwhile.
--- @include audit

local STEP = 100
local top = args.before or args.to
if args.before and args.to and tonumber(args.to) < tonumber(args.before) then top = args.to end
top = top and '(' .. top or '+inf'

local function matches(entry)
  if args.actor and entry.actor.id ~= args.actor then return false end
  if args.connectorId and entry.connectorId ~= args.connectorId then return false end
  return not args.action or entry.action == args.action
end

local found, scanned = {}, 0
local last_id, last_score = '', ''
while true do
  local key, bottom = AUDIT .. args.index, args.from or '-inf'
  local entries = redis.call('ZREVRANGEBYSCORE', key, top, bottom, 'WITHSCORES', 'LIMIT', 0, STEP)
  for i = 1, #entries, 2 do
    if #found >= args.limit * 3 or scanned >= args.scan then return { found, last_id, last_score } end
    scanned = scanned + 1
    last_id, last_score = entries[i], entries[i + 1]
    local entry, lines = read_entry(last_id)
    if entry and matches(entry) then
      for _, value in ipairs({ last_id, last_score, lines }) do found[#found + 1] = value end
    end
  end
  if #entries < STEP * 2 then return { found, '', '' } end
  top = '(' .. last_score
end
