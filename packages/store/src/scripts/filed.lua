-- filed strikes the note of a letter out, where its job in the dead-letter queue, as the caller left it, agrees with the record.
--
-- args: id, generation, there (the job is in the dead-letter queue)
-- replies: filed · already      somebody struck it out before · changed      the handoff was replayed, discarded or removed meanwhile: the note is kept, for the reconciler
-- Twice: the same.
--- @include shard

local record = load(args.id)
local dead = record ~= nil and record.st == 'dead' and record.gen == args.generation
local note = job_id(args.id, args.generation)
if dead == args.there then
  return { redis.call('ZREM', P .. ':filing', note) == 1 and 'filed' or 'already' }
end
redis.call('ZADD', P .. ':filing', now, note)
return { 'changed' }
