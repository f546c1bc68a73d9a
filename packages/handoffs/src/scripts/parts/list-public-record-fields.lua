--- @include reason-to-wait
-- list_public_fields returns what a record shows outside of the scripts, as a flat list of names and values: never
-- parameters or context.
local PUBLIC = { 'v', 'cn', 'ct', 'sh', 'ac', 'pj', 'env', 'ca', 'st', 'why', 'gen', 'rep', 'may', 'dup', 'cause',
  'rq', 'rq2', 'tp', 'ans' }
local PUBLIC_INSTANTS = { 'acc', 'due', 'dl', 'end' }
local function list_public_fields(record)
  local flat = {}
  local function add(name, value)
    flat[#flat + 1] = name
    flat[#flat + 1] = value
  end
  for _, name in ipairs(PUBLIC) do
    if record[name] then add(name, record[name]) end
  end
  for _, name in ipairs(PUBLIC_INSTANTS) do
    if record[name] then add(name, format_int(record[name])) end
  end
  if record.st == 'queued' then
    local reason, at = reason_to_wait(record)
    if reason then add('wf', reason) end
    if at then add('next', format_int(at)) end
  end
  if record.total > 0 then add('log', table.concat(call('LRANGE', attempt_log_key(record.id), 0, -1), ',')) end
  return flat
end
