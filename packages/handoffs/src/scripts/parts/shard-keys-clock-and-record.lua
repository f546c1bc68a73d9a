-- What every handoff script includes: the shard's keys, Redis's clock, the record, and writes that are gathered.
--
-- KEYS[1] is the shard's tag, `{namespace:n}`. It is no key itself: it routes the script to the shard's slot, and every
-- key of the shard starts with it.
local P, call = KEYS[1], redis.call

local clock = call('TIME')
local now_us = clock[1] * 1000000 + clock[2]
local now = math.floor(now_us / 1000)

-- The layout of a record that these scripts write, and the oldest that they work on. Two neighbouring versions of Baton
-- run side by side: where a field that a newer version adds is absent, it means what the older one did. Records of any
-- other layout are left alone, or refused with an error.
local SCHEMA, OLDEST_SCHEMA = 3, 3

local function is_supported_schema(schema) return schema and schema >= OLDEST_SCHEMA and schema <= SCHEMA end

local function handoff_key(id) return P .. ':h:' .. id end
local function connector_key(id) return P .. ':c:' .. id end
local function idempotency_key(connector, key) return P .. ':idem:' .. connector .. ':' .. key end

-- Redis keeps a hash in its compact encoding while no value is over 64 bytes. So longer values have keys of their own.
local function params_key(id) return P .. ':p:' .. id end
local function context_key(id) return P .. ':x:' .. id end
local function attempt_log_key(id) return P .. ':l:' .. id end

-- Live handoffs, by when something is due; handoffs with an attempt on record, with their connector, by its latest end.
local DUE, SENDING = P .. ':due', P .. ':sending'
local function sending_member(record) return record.id .. ':' .. record.cn end

-- Queued handoffs of a connector, by when they first fell due; those of them that wait for a retry, by when it is due.
local function queued_key(connector) return P .. ':queued:' .. connector end
local function retries_key(connector) return P .. ':retries:' .. connector end

-- Queued items of runs, by when each is due. The estimates for live handoffs do not count them.
local function queued_replays_key(connector) return P .. ':queued-replays:' .. connector end
local function queued_key_of_handoff(record)
  return record.rp and queued_replays_key(record.cn) or queued_key(record.cn)
end

-- The same queued handoffs by deadline: which is most urgent, and which can no longer be sent in time. They are only
-- counted and shown: no decision about a handoff depends on them.
local function deadlines_key(connector) return P .. ':deadlines:' .. connector end

-- format_int formats a whole number for Redis: the conversion that Redis makes itself is slow. So is `format`, and one
-- script formats the same few moments and counts again and again.
local format, formatted = string.format, {}
local function format_int(number)
  local text = formatted[number]
  if not text then
    text = format('%d', number)
    formatted[number] = text
  end
  return text
end
local NOW = format_int(now)

local NUMBERS = { acc = true, due = true, dl = true, ls = true, used = true, total = true, was = true, rep = true,
  att = true, ['until'] = true, ['end'] = true }

-- nil_if_empty returns a field's value; nil where there is none.
local function nil_if_empty(value) return value and value ~= '' and value or nil end

-- find_record returns a record, with numbers as numbers and '' as nil. It returns nil where there is none, and nil and
-- the layout where another version wrote it. The table begins with the fields of every record, so that Lua allocates
-- its size at once.
local function find_record(id)
  local flat = call('HGETALL', handoff_key(id))
  if #flat == 0 then return nil end
  local record = { id = id, st = 0, cn = 0, ct = 0, gen = 0, due = 0, dl = 0, ls = 0, acc = 0, dms = 0, ac = 0, pj = 0,
    env = 0, used = 0, total = 0, was = 0, rep = 0 }
  for i = 1, #flat, 2 do
    local name, value = flat[i], flat[i + 1]
    if value ~= '' then record[name] = NUMBERS[name] and tonumber(value) or value end
  end
  local schema = tonumber(record.v)
  if not is_supported_schema(schema) then return nil, schema end
  return record
end

-- find_record_or_fail returns the record that a script was asked for. For one of another layout it fails, before
-- anything is written.
local function find_record_or_fail(id)
  local record, other_version = find_record(id)
  if other_version then
    local writer = other_version > SCHEMA and 'NEWER' or 'OLDER'
    error({ err = writer .. ' ' .. id .. ' was written by another version of Baton' })
  end
  return record
end

-- set_record_fields changes fields of the record and of the table. '' clears a field, and writes nothing where there is
-- none. Numbers are passed as text.
local function set_record_fields(record, ...)
  local flat, last = { ... }, 0
  for i = 1, #flat, 2 do
    local name, value = flat[i], flat[i + 1]
    if value ~= '' or record[name] ~= nil then
      flat[last + 1], flat[last + 2] = name, value
      last = last + 2
    end
    if value == '' then record[name] = nil else record[name] = NUMBERS[name] and tonumber(value) or value end
  end
  call('HSET', handoff_key(record.id), unpack(flat, 1, last))
end

-- shorten_id shortens an id for the list of repeats (`acknowledged`): eight of them, with commas, fit into 64 bytes.
local function shorten_id(id) return string.sub(id, -7) end

-- first_due_at_of_handoff returns when a handoff first fell due; `ls` is its score in the contact's queue, in
-- microseconds.
local function first_due_at_of_handoff(record) return math.floor(record.ls / 1000) end

-- add_to_queued_index lists a handoff that is queued again after an attempt.
local function add_to_queued_index(record)
  if record.rp then return call('ZADD', queued_replays_key(record.cn), format_int(record.due), record.id) end
  call('ZADD', queued_key(record.cn), format_int(first_due_at_of_handoff(record)), record.id)
  call('ZADD', deadlines_key(record.cn), format_int(record.dl), record.id)
end

-- add_to_retries_index lists a queued handoff as one that waits for a retry at `record.due`.
local function add_to_retries_index(record)
  call('ZADD', record.rp and queued_replays_key(record.cn) or retries_key(record.cn), format_int(record.due), record.id)
end

-- Writes that no script reads again before it ends are gathered by command and key; `flush_gathered_writes` makes them
-- with one command each. Those that free memory come first, so that a full Redis accepts the rest. Commands of many
-- keys are gathered under no key.
local COMMANDS = { 'ZREM', 'DEL', 'UNLINK', 'MSET', 'ZADD', 'LPUSH', 'RPUSH' }
local MANY_KEYS = { DEL = true, UNLINK = true, MSET = true }
local gathered = {}

local function gather_write(command, key, first, second)
  local lists = gathered[command]
  if not lists then
    lists = {}
    gathered[command] = lists
  end
  local list = lists[key]
  if not list then
    lists[key] = { first, second }
    return
  end
  list[#list + 1] = first
  if second then list[#list + 1] = second end
end

-- What went wrong with single handoffs or keys. The reply reports it, and the script goes on.
local faults = {}

local function flush_gathered_writes()
  local all = gathered
  gathered = {}
  for _, command in ipairs(COMMANDS) do
    for key, list in pairs(all[command] or {}) do
      local reply
      if MANY_KEYS[command] then reply = redis.pcall(command, unpack(list))
      else reply = redis.pcall(command, key, unpack(list)) end
      if type(reply) == 'table' and reply.err then faults[#faults + 1] = key .. ' ' .. reply.err end
    end
  end
end

local function gather_key_removal(key) gather_write('DEL', '', key) end

-- run_or_record_fault runs one step for one handoff, and returns its result. Where it fails, it records the fault and
-- returns nil.
local function run_or_record_fault(id, step, ...)
  local done, result = pcall(step, ...)
  if done then return result end
  faults[#faults + 1] = id .. ' ' .. (type(result) == 'table' and result.err or tostring(result))
  return nil
end

-- delete_handoff_keys deletes a record with every key of its own.
local function delete_handoff_keys(id)
  call('DEL', handoff_key(id), params_key(id), context_key(id), attempt_log_key(id))
end
--- @enclose
