-- audit-page reads entries from the newest down.
--
-- args: index (key behind the audit's), actor?, action?, connectorId? (what the index does not say already), before?
-- (score), from?, to?
--       (scores; `to` is not included), limit, scan (how many entries to look at, at most). Scores are text: numbers
--         would lose digits on the way
-- replies: flat list: id, score, lines, …; next id and score ('' when the index is at its end)
-- Twice: the same, but for what was added or removed meanwhile.
--- @include registry
--- @include audit

local STEP = 100
local top = args.before or args.to
if args.before and args.to and tonumber(args.to) < tonumber(args.before) then top = args.to end
top = top and '(' .. top or '+inf'

local function fits(entry)
  if args.actor and entry.actor.id ~= args.actor then return false end
  if args.connectorId and entry.connectorId ~= args.connectorId then return false end
  return not args.action or entry.action == args.action
end

local found, scanned = {}, 0
local last_id, last_score = '', ''
while true do
  local entries = redis.call('ZREVRANGEBYSCORE', AUDIT .. args.index, top, args.from or '-inf', 'WITHSCORES', 'LIMIT', 0, STEP)
  for i = 1, #entries, 2 do
    if #found >= args.limit * 3 or scanned >= args.scan then return { found, last_id, last_score } end
    scanned = scanned + 1
    last_id, last_score = entries[i], entries[i + 1]
    local entry, lines = entry_of(last_id)
    if entry and fits(entry) then
      for _, value in ipairs({ last_id, last_score, lines }) do found[#found + 1] = value end
    end
  end
  if #entries < STEP * 2 then return { found, '', '' } end
  top = '(' .. last_score
end
