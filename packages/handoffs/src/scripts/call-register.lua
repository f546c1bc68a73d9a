-- call-register stores a call for as long as handoffs may name it.
--
-- args:      id, call (JSON), keepMs
-- replies:   registered
-- Run again: the same call, kept from now on.
--- @include shard
local args = cjson.decode(ARGV[1])

call('HSET', P .. ':call:' .. args.id, 'call', args.call)
call('PEXPIRE', P .. ':call:' .. args.id, args.keepMs)
return { 'registered' }
