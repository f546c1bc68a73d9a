-- Attempts as a claim begins them: what it reads of a handoff, what it puts on record, and what it replies to the
-- worker. A part of claim.lua, whose arguments it uses.
local function format_attempt_reply(record, token, sealed_params)
  return { record.id, record.cn, record.ct, token, format_int(record.att), format_int(record['until']),
    format_int(record.used), format_int(record.total), format_int(record.dl),
    format_int(first_due_at_of_handoff(record)), sealed_params or '', record.gen,
    record.rq or '', record.rq2 or '', record.tp or '', record.rtp or '' }
end

-- find_record_for_claim reads only the fields that a first attempt needs where the handoff never had an attempt and may
-- have one now; otherwise the whole record.
local function find_record_for_claim(id)
  local v = call('HMGET', handoff_key(id), 'v', 'st', 'gen', 'due', 'dl', 'ls', 'cn', 'ct', 'rq', 'rq2', 'tp',
    'rp', 'att')
  if v[2] ~= 'queued' or v[3] ~= '1' or v[13] or now > v[5] + 0 or not is_supported_schema(tonumber(v[1])) then
    return find_record(id)
  end
  return { id = id, st = 'queued', gen = '1', due = v[4] + 0, dl = v[5] + 0, ls = v[6] + 0, cn = v[7], ct = v[8],
    used = 0, total = 0, was = 0,
    rq = v[9] or nil, rq2 = v[10] or nil, tp = v[11] or nil, rp = nil_if_empty(v[12]) }
end

-- reply_to_repeated_claim finds the live attempts that a claim with this token began. Of the handoffs that are being
-- sent, there are at most as many as all workers have slots.
local function reply_to_repeated_claim()
  local attempts, number_of = {}, {}
  for _, member in ipairs(call('ZRANGE', SENDING, 0, -1)) do
    local id = string.match(member, '^[^:]*')
    local claim, number = string.match(call('HGET', handoff_key(id), 'tok') or '', '^(.*)%.(%d+)$')
    local record = claim == TOKEN and find_record(id)
    if record and record.st == 'sending' then
      local attempt = format_attempt_reply(record, record.tok, call('GET', params_key(id)))
      attempts[#attempts + 1] = attempt
      number_of[attempt] = tonumber(number)
    end
  end
  table.sort(attempts, function(one, other) return number_of[one] < number_of[other] end)
  return { 'claimed', '0', '0', attempts, {}, {} }
end

-- begin_attempt puts an attempt on record. The claim's reply lists all of them.
local claimed = {}
local function begin_attempt(record, gate)
  local token = TOKEN .. '.' .. #claimed + 1
  local ends = math.min(now + gate.timeout_ms, record.dl)
  local is_retry = record.wk or record.total > record.was
  record.st, record.tok, record.att, record['until'] = 'sending', token, now, ends
  record.used, record.total = record.used + 1, record.total + 1
  call('HSET', handoff_key(record.id), 'st', 'sending', 'tok', token, 'att', NOW, 'until', format_int(ends),
    'used', format_int(record.used), 'total', format_int(record.total))
  if gate.is_at_most_once or record.amo or record.wk then
    set_record_fields(record, 'amo', gate.is_at_most_once and '1' or '', 'wk', '')
  end
  mark_as_sending_in_contact_queue(record)
  gather_write('ZREM', queued_key_of_handoff(record), record.id)
  gather_write('ZREM', deadlines_key(record.cn), record.id)
  if is_retry then gather_write('ZREM', retries_key(record.cn), record.id) end
  gather_write('ZADD', SENDING, format_int(ends), sending_member(record))
  gather_write('ZADD', DUE, format_int(ends + FENCE_MS), record.id)
  if gate.per_second then
    gate.tokens, gate.is_spent = gate.tokens - 1, true
  end
  if is_awaiting_probe(gate) then
    gate.probe, gate.probe_until = token, ends + FENCE_MS
    change_gate_field(gate, 'pt', token)
    change_gate_field(gate, 'pu', format_int(gate.probe_until))
  end
  gate.free, slots = gate.free - 1, slots - 1
  if record.rp then replay_slots = replay_slots - 1 end
  local job = job_id_of(record)
  gather_write('LPUSH', ACTIVE, job)
  call('SET', job_lock_key(job), TOKEN, 'PX', LOCK_MS)
  claimed[#claimed + 1] = record
end
