-- sealed lists what is sealed in a shard's handoffs, the oldest first, by what stands in front of it: that names the
-- key.
--
-- args: after? {score, member} (the last one of the page before), limit, head (characters of each) replies: score and
-- member of the last one ('' at the end); flat list: id, connectorId, heads of parameters and context ('' for none), …
-- Twice: the same. What was accepted meanwhile comes last: a walk to the end meets everything.
--- @include shard
local args = cjson.decode(ARGV[1])

local all = P .. ':all'

-- Where the last one of the page before is gone, those of its moment are met once more.
local function start()
  if not args.after then return 0 end
  local rank = call('ZRANK', all, args.after.member)
  return rank and rank + 1 or call('ZCOUNT', all, '-inf', '(' .. args.after.score)
end

local function head_of(key) return call('GETRANGE', key, 0, args.head - 1) end

local first = start()
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
