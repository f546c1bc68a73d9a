#!lua flags=allow-oom
-- prune-ended-handoffs deletes ended handoffs whose retention is over, with all that refers to them. An idempotency key
-- that is kept for longer stores how its handoff ended, so that a repeat gets that reply and is not accepted anew.
--
-- args:      set ('ended' or 'dead'), before, limit
-- replies:   how many were read
-- Run again: deletes the next ones.
--- @include list-public-record-fields
--- @include dead-letter-index
local args = cjson.decode(ARGV[1])

local function keep_ending_with_idempotency_key(record)
  local key = idempotency_key(record.cn, record.ik)
  local kept = call('GET', key)
  local entry = kept and cjson.decode(kept)
  if not entry or entry.id ~= record.id then return end
  entry.last = list_public_fields(record)
  call('SET', key, cjson.encode(entry), 'KEEPTTL')
end

local read_count = 0
for _, id in ipairs(call('ZRANGEBYSCORE', P .. ':' .. args.set, '-inf', args.before, 'LIMIT', 0, args.limit)) do
  local record, other_version = find_record(id)
  read_count = read_count + 1
  if not other_version then call('ZREM', P .. ':' .. args.set, id) end
  if record then
    if args.set == 'dead' then
      unindex_dead_letter(record)
      remove_dead_letter_job(record)
    end
    for _, key in ipairs({ ':all', ':of:' .. record.cn, ':k:' .. record.ct }) do call('ZREM', P .. key, id) end
    if record.sh then call('ZREM', P .. ':sh:' .. redis.sha1hex(record.sh), id) end
    if record.ik then
      keep_ending_with_idempotency_key(record)
      call('ZREM', P .. ':ik:' .. record.ik, id)
    end
    delete_handoff_keys(id)
  end
end
flush_gathered_writes()
return read_count
