#!lua
-- record-sender-answers-on-handoffs records what the senders of handoffs were answered. It fails on a Redis that is
-- full.
--
-- ARGV:      for each answer: id, status, afterMs (how long its sender waited for it),
--            waitMs (what `Prefer: wait` asked for, '' for none)
-- replies:   for each: '', or what went wrong
-- Run again: records the same answer, with a later moment. A handoff that is deleted meanwhile stays so.
--- @include shard-keys-clock-and-record

local FIELDS = 4

local function record_sender_answer(id, status, after_ms, wait_ms)
  local schema = call('HGET', handoff_key(id), 'v')
  if not is_supported_schema(tonumber(schema)) then return end
  call('HSET', handoff_key(id), 'ans', table.concat({ NOW, status, after_ms, wait_ms }, ' '))
end

local replies = {}
for i = 0, #ARGV / FIELDS - 1 do
  local a, count = i * FIELDS, #faults
  run_or_record_fault(ARGV[a + 1], record_sender_answer, ARGV[a + 1], ARGV[a + 2], ARGV[a + 3], ARGV[a + 4])
  replies[i + 1] = faults[count + 1] or ''
end
return replies
