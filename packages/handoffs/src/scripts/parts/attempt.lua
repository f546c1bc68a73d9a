-- Attempts as a claim begins them: what of a handoff they need, what goes on record, and what their worker is told.
-- A part of claim.lua, whose arguments it uses.
local claim_key = P .. ':claimed:' .. string.match(ARGV[5], '^[^.]*')

local function answer(record, token, sealed_params)
  return { record.id, record.cn, record.ct, token, int(record.att), int(record['until']), int(record.used), int(record.total), int(record.dl),
    int(since(record)), sealed_params or '', record.gen, record.rq or '', record.rq2 or '', record.tp or '' }
end

-- find_waiting gives of a handoff that never began, and may now, what that needs; every other one whole.
local function find_waiting(id)
  local v = call('HMGET', handoff_key(id), 'v', 'st', 'gen', 'due', 'dl', 'ls', 'cn', 'ct', 'rq', 'rq2', 'tp', 'rp', 'att')
  if v[2] ~= 'queued' or v[3] ~= '1' or v[13] or now > v[5] + 0 or not is_known(tonumber(v[1])) then return find(id) end
  return { id = id, st = 'queued', gen = '1', due = v[4] + 0, dl = v[5] + 0, ls = v[6] + 0, cn = v[7], ct = v[8], used = 0, total = 0, was = 0,
    rq = v[9] or nil, rq2 = v[10] or nil, tp = v[11] or nil, rp = filled(v[12]) }
end

local function repeated()
  local attempts = {}
  local token, ids = string.match(call('GET', claim_key) or '', '^(%S+) (.*)$')
  for id in string.gmatch(token == TOKEN and ids or '', '%S+') do
    local record = find(id)
    if record and record.st == 'sending' and string.sub(record.tok, 1, #TOKEN + 1) == TOKEN .. '.' then
      attempts[#attempts + 1] = answer(record, record.tok, call('GET', params_key(id)))
    end
  end
  return { 'claimed', '0', '0', attempts, {}, {} }
end

-- begin puts an attempt on record. What this claim began is told in one answer.
local claimed = {}
local function begin(record, gate)
  local token = TOKEN .. '.' .. #claimed + 1
  local ends = math.min(now + gate.timeout_ms, record.dl)
  local has_waited = record.wk or record.total > record.was
  record.st, record.tok, record.att, record['until'], record.used, record.total = 'sending', token, now, ends, record.used + 1, record.total + 1
  call('HSET', handoff_key(record.id), 'st', 'sending', 'tok', token, 'att', NOW, 'until', int(ends), 'used', int(record.used),
    'total', int(record.total))
  if gate.is_at_most_once or record.amo or record.wk then set(record, 'amo', gate.is_at_most_once and '1' or '', 'wk', '') end
  stand_first(record)
  gather('ZREM', queued_key(record.cn), record.id)
  gather('ZREM', deadlines_key(record.cn), record.id)
  if has_waited then gather('ZREM', retries_key(record.cn), record.id) end
  gather('ZADD', SENDING, int(ends), sending_member(record))
  gather('ZADD', DUE, int(ends + FENCE_MS), record.id)
  if gate.per_second then
    gate.tokens, gate.is_spent = gate.tokens - 1, true
  end
  if is_probed(gate) then
    gate.probe, gate.probe_until = token, ends + FENCE_MS
    change(gate, 'pt', token)
    change(gate, 'pu', int(gate.probe_until))
  end
  gate.free, slots = gate.free - 1, slots - 1
  if record.rp then replay_slots = replay_slots - 1 end
  local job = job_of(record)
  gather('LPUSH', ACTIVE, job)
  call('SET', lock_of(job), TOKEN, 'PX', LOCK_MS)
  claimed[#claimed + 1] = record
end
