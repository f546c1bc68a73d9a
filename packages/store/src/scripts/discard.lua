-- discard puts a dead letter away for good.
--
-- args: id, fenceMs
-- replies: not-found · not-dead · discarded, record
-- Twice: the second says not-dead.
--- @include shard
--- @include line
--- @include cause
--- @include dead-letter-index
--- @include ending

local record = load(args.id)
if not record then return { 'not-found' } end
expire(record, args.fenceMs)
if record.st ~= 'dead' then return { 'not-dead' } end
unindex_dead(record)
file_letter(record)
write(record, { st = 'discarded', ['end'] = now })
forget_params(record)
redis.call('ZADD', P .. ':ended', now, args.id)
return { 'discarded', snapshot(record) }
