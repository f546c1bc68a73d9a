-- shard-totals counts one shard's handoffs and letters, at the same cost whatever it holds.
--
-- args: reasons
-- replies: sending, then letters by reason, in the order of `reasons`
-- Twice: reads only.
--- @include shard
local args = cjson.decode(ARGV[1])

local counts = { call('ZCARD', P .. ':sending') }
for _, reason in ipairs(args.reasons) do counts[#counts + 1] = call('ZCARD', P .. ':dead:r:' .. reason) end
return counts
