-- call-register keeps a call for as long as handoffs may name it.
--
-- args: id, call (JSON of what is known of it), keepMs
-- replies: registered
-- Twice: the same call, kept from now on.
--- @include shard
local args = cjson.decode(ARGV[1])

call('HSET', P .. ':call:' .. args.id, 'call', args.call)
call('PEXPIRE', P .. ':call:' .. args.id, args.keepMs)
return { 'registered' }
