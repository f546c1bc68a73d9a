-- requeue gives an overdue handoff without a job a new one, of the next generation.
--
-- args: id, generation
-- replies: none · requeue, generation, delayMs
-- Twice: the second finds another generation and does nothing.
--- @include shard

local record, newer = glance(args.id)
if newer then return { 'none' } end
if not record then
  redis.call('ZREM', P .. ':due', args.id)
  return { 'none' }
end
if record.gen ~= args.generation or (record.st ~= 'queued' and record.st ~= 'sending') then return { 'none' } end
write(record, { gen = record.gen + 1 })
return { 'requeue', record.gen, math.max(0, record.due - now) }
