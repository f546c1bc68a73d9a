-- sealed lists the sealed values of a shard's handoffs, the oldest first: the beginning of each, which names its key.
--
-- args:      after? {score, member} (the last one of the page before), limit, head (how many characters of each value)
-- replies:   score and member to go on from ('' at the end),
--            flat list of id, connectorId, heads of parameters and context ('' for none), …
-- Run again: the same reply. Handoffs accepted meanwhile come last, so that reading to the end finds all.
--- @include shard
local args = cjson.decode(ARGV[1])

local all = P .. ':all'

-- first_rank returns the rank that follows the cursor. Where the cursor's entry was removed, entries of its moment are
-- read again.
local function first_rank()
  if not args.after then return 0 end
  local rank = call('ZRANK', all, args.after.member)
  return rank and rank + 1 or call('ZCOUNT', all, '-inf', '(' .. args.after.score)
end

local function head_of(key) return call('GETRANGE', key, 0, args.head - 1) end

local first = first_rank()
local found, last_score, last_member = {}, '', ''
local entries = call('ZRANGE', all, first, first + args.limit - 1, 'WITHSCORES')
for i = 1, #entries, 2 do
  local id = entries[i]
  last_member, last_score = id, entries[i + 1]
  local connector = call('HGET', handoff_key(id), 'cn')
  if connector then
    local row = { id, connector, head_of(params_key(id)), head_of(context_key(id)) }
    for _, value in ipairs(row) do found[#found + 1] = value end
  end
end
if #entries < args.limit * 2 then return { '', '', found } end
return { last_score, last_member, found }
