-- sealed lists what is sealed in a shard's handoffs, the oldest first, by what stands in front of it: that names the key.
--
-- args: after? {score, member} (the last one of the page before), limit, bytes (a page that read more ends early), head (characters of each)
-- replies: score and member of the last one ('' at the end); flat list: id, connectorId, heads of parameters and context ('' where there is
--          none), fingerprint of its body under an idempotency key and when that key is forgotten ('' and 0 where there is none)
-- Twice: the same. What was accepted meanwhile comes last: a walk to the end meets everything.
--- @include shard

local all = P .. ':all'

-- Where the last one of the page before is gone, those of its moment are met once more.
local function start()
  if not args.after then return 0 end
  local rank = redis.call('ZRANK', all, args.after.member)
  return rank and rank + 1 or redis.call('ZCOUNT', all, '-inf', '(' .. args.after.score)
end

-- A key that was used again, after it was forgotten, belongs to another handoff.
local function fingerprint_of(id, connector, key)
  local kept = P .. ':idem:' .. connector .. ':' .. key
  local json = redis.call('GET', kept)
  local entry = json and cjson.decode(json)
  if not entry or entry.id ~= id then return '', 0 end
  return entry.fingerprint, now + redis.call('PTTL', kept)
end

local first = start()
local found, read, last_score, last_member = {}, 0, '', ''
local entries = redis.call('ZRANGE', all, first, first + args.limit - 1, 'WITHSCORES')
for i = 1, #entries, 2 do
  if read > args.bytes then return { last_score, last_member, found } end
  local id = entries[i]
  last_member, last_score = id, entries[i + 1]
  local values = redis.call('HMGET', handoff_key(id), 'cn', 'p', 'x', 'ik')
  local connector, params, context, key = values[1], values[2] or '', values[3] or '', values[4] or ''
  if connector then
    read = read + #params + #context
    local fingerprint, ends = '', 0
    if key ~= '' then fingerprint, ends = fingerprint_of(id, connector, key) end
    for _, value in ipairs({ id, connector, string.sub(params, 1, args.head), string.sub(context, 1, args.head), fingerprint, ends }) do
      found[#found + 1] = value
    end
  end
end
if #entries < args.limit * 2 then return { '', '', found } end
return { last_score, last_member, found }
