-- prune removes handoffs whose time of keeping is over, with everything that points at them. Where an idempotency key is kept for longer, it
-- takes in how its handoff ended: a repeat is told that, and not accepted anew.
--
-- args: set ('ended' or 'dead'), before, limit
-- replies: flat list of what was removed: id, generation, …
-- Twice: the second takes the next ones. A letter's job that nobody takes out is found by its note.
--- @include shard
--- @include cause
--- @include dead-letter-index

local function tell_key(record)
  local key = idempotency_key(record.cn, record.ik)
  local kept = redis.call('GET', key)
  local entry = kept and cjson.decode(kept)
  if not entry or entry.id ~= record.id then return end
  entry.last = snapshot(record)
  redis.call('SET', key, cjson.encode(entry), 'KEEPTTL')
end

local removed = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', P .. ':' .. args.set, '-inf', args.before, 'LIMIT', 0, args.limit)) do
  local record, newer = glance(id)
  if not newer then redis.call('ZREM', P .. ':' .. args.set, id) end
  if record then
    if args.set == 'dead' then
      unindex_dead(record)
      file_letter(record)
    end
    for _, key in ipairs({ ':all', ':of:' .. record.cn, ':k:' .. record.ct }) do redis.call('ZREM', P .. key, id) end
    if record.sh then redis.call('ZREM', P .. ':sh:' .. redis.sha1hex(record.sh), id) end
    if record.ik then
      tell_key(record)
      redis.call('ZREM', P .. ':ik:' .. record.ik, id)
    end
    erase(id)
    removed[#removed + 1] = id
    removed[#removed + 1] = record.gen
  end
end
return removed
