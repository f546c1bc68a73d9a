-- unfiled lists the notes of `file_letter` that nobody struck out: dead letters whose job in the dead-letter queue may not agree.
--
-- args: afterMs, limit
-- replies: flat list: id, generation, exists (1: the job must be there; 0: it must not), record, …
-- Twice: reads only.
--- @include shard

local notes = {}
for _, job in ipairs(redis.call('ZRANGEBYSCORE', P .. ':filing', '-inf', now - args.afterMs, 'LIMIT', 0, args.limit)) do
  local id, generation = string.match(job, '^(.*)-(%d+)$')
  local record, newer = glance(id)
  local dead = record and record.st == 'dead' and record.gen == tonumber(generation)
  if not newer then
    for _, value in ipairs({ id, generation, dead and 1 or 0, record and snapshot(record) or {} }) do notes[#notes + 1] = value end
  end
end
return notes
