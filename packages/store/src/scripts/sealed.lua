-- sealed lists what is sealed in a shard's handoffs, the oldest first, by what stands in front of it: that names the key.
--
-- args: after? {score, member} (the last one of the page before), limit, bytes (a page that read more ends early), head (characters of each)
-- replies: score and member of the last one ('' at the end); flat list: id, connectorId, heads of parameters and context ('' for none), …
-- Twice: the same. What was accepted meanwhile comes last: a walk to the end meets everything.
--- @include shard

local all = P .. ':all'

-- Where the last one of the page before is gone, those of its moment are met once more.
local function start()
  if not args.after then return 0 end
  local rank = redis.call('ZRANK', all, args.after.member)
  return rank and rank + 1 or redis.call('ZCOUNT', all, '-inf', '(' .. args.after.score)
end

local first = start()
local found, read, last_score, last_member = {}, 0, '', ''
local entries = redis.call('ZRANGE', all, first, first + args.limit - 1, 'WITHSCORES')
for i = 1, #entries, 2 do
  if read > args.bytes then return { last_score, last_member, found } end
  local id = entries[i]
  last_member, last_score = id, entries[i + 1]
  local values = redis.call('HMGET', handoff_key(id), 'cn', 'p', 'x')
  local connector, params, context = values[1], values[2] or '', values[3] or ''
  if connector then
    read = read + #params + #context
    for _, value in ipairs({ id, connector, string.sub(params, 1, args.head), string.sub(context, 1, args.head) }) do
      found[#found + 1] = value
    end
  end
end
if #entries < args.limit * 2 then return { '', '', found } end
return { last_score, last_member, found }
