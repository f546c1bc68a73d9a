-- shard-totals counts one shard's handoffs and dead letters, at a cost that does not grow with them.
--
-- args:      reasons, recentMs
-- replies:   counts: dead letters that died within recentMs, then dead letters by reason, in the order of `reasons`
--            flat list of connectorId and how many it has being sent, … (together at most all workers' slots)
--            jobs waiting, active and delayed
-- Run again: reads only.
--- @include shard
local args = cjson.decode(ARGV[1])
local jobs = P .. ':handoffs:'

local counts = { call('ZCOUNT', P .. ':dead', int(now - args.recentMs), '+inf') }
for _, reason in ipairs(args.reasons) do counts[#counts + 1] = call('ZCARD', P .. ':dead:r:' .. reason) end

local sending, flat = {}, {}
for _, member in ipairs(call('ZRANGE', SENDING, 0, -1)) do
  local connector = string.match(member, '[^:]*$')
  sending[connector] = (sending[connector] or 0) + 1
end
for connector, count in pairs(sending) do
  flat[#flat + 1] = connector
  flat[#flat + 1] = count
end
return { counts, flat, { call('LLEN', jobs .. 'wait'), call('LLEN', jobs .. 'active'),
  call('ZCARD', jobs .. 'delayed') } }
