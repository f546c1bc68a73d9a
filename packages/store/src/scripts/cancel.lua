-- cancel takes a handoff back while it is queued. Its job stays and is dropped when taken: removing it from a long list is not cheap.
--
-- args: id, connectorId?, fenceMs
-- replies: not-found · already-sending · already-ended, status · repeated, record · cancelled, record, wake?
-- Twice: the second says repeated.
--- @include shard
--- @include line
--- @include cause
--- @include dead-letter-index
--- @include ending

local record = load(args.id)
if not record or (args.connectorId and record.cn ~= args.connectorId) then return { 'not-found' } end
expire(record, args.fenceMs)
if record.st == 'sending' then return { 'already-sending' } end
if record.st == 'cancelled' then return { 'repeated', snapshot(record) } end
if record.st ~= 'queued' then return { 'already-ended', record.st } end
local wake = finish(record, 'cancelled')
return { 'cancelled', snapshot(record), wake or '' }
