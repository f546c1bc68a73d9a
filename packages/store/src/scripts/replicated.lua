-- replicated writes the last thing before a WAIT: what a replica has of it, it has of all that was taken before.
--
-- args: ids, whose records must be here: after a failover, a master that never had them would vouch for nothing
-- replies: the ids without a record
-- Twice: the same again.
--- @include shard

redis.call('SET', P .. ':replicated', now)
local missing = {}
for _, id in ipairs(args.ids) do
  if redis.call('EXISTS', handoff_key(id)) == 0 then missing[#missing + 1] = id end
end
return missing
