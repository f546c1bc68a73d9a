-- What every handoff script stands on: the shard's keys, Redis's clock, the record, and writes that are gathered.
--
-- KEYS[1] is the shard's tag, `{namespace:n}`. It is no key itself: it routes the script to the shard's slot, and every
-- key of the shard starts with it.
local P, call = KEYS[1], redis.call

local clock = call('TIME')
local now_us = clock[1] * 1000000 + clock[2]
local now = math.floor(now_us / 1000)

-- The layout of a record that these scripts write, and the oldest that they work on: two neighbouring versions of Baton
-- run side by side. What a newer version adds to a record means by its absence what the older one did. Any other layout
-- is left alone, or refused in words.
local SCHEMA, OLDEST_SCHEMA = 2, 2

local function is_known(schema) return schema and schema >= OLDEST_SCHEMA and schema <= SCHEMA end

local function handoff_key(id) return P .. ':h:' .. id end
local function connector_key(id) return P .. ':c:' .. id end
local function idempotency_key(connector, key) return P .. ':idem:' .. connector .. ':' .. key end

-- Redis keeps a hash in one small piece as long as none of its values is over 64 bytes. So what is longer has a key of
-- its own.
local function params_key(id) return P .. ':p:' .. id end
local function context_key(id) return P .. ':x:' .. id end
local function attempt_log_key(id) return P .. ':l:' .. id end

-- Live handoffs by when something is due; those with an attempt on record, with their connector, by its latest end.
local DUE, SENDING = P .. ':due', P .. ':sending'
local function sending_member(record) return record.id .. ':' .. record.cn end

-- Queued handoffs of a connector, by when they fell due first; those of them that wait for a retry, by when it is due.
local function queued_key(connector) return P .. ':queued:' .. connector end
local function retries_key(connector) return P .. ':retries:' .. connector end

-- The same queued handoffs by their deadlines: who is most urgent, and who can no longer be sent in time. No decision
-- about a handoff looks at it.
local function deadlines_key(connector) return P .. ':deadlines:' .. connector end

-- int gives a whole number as Redis is to keep it: Redis's own way from a Lua number to text is a slow one.
local format = string.format
local function int(number) return format('%d', number) end
local NOW = int(now)

local NUMBERS = { acc = true, due = true, dl = true, ls = true, used = true, total = true, was = true, rep = true,
  att = true,
  ['until'] = true, ['end'] = true }

-- filled gives a field's value; nil where there is none.
local function filled(value) return value and value ~= '' and value or nil end

-- find gives a record, its numbers as numbers and what is '' as nil; nil where there is none; nil and its layout where
-- that is another. Those fields that every record has are named first,
-- so that Lua makes the table in its size at once.
local function find(id)
  local flat = call('HGETALL', handoff_key(id))
  if #flat == 0 then return nil end
  local record = { id = id, st = 0, cn = 0, ct = 0, gen = 0, due = 0, dl = 0, ls = 0, acc = 0, dms = 0, ac = 0, pj = 0,
    env = 0,
    used = 0, total = 0, was = 0, rep = 0 }
  for i = 1, #flat, 2 do
    local name, value = flat[i], flat[i + 1]
    if value ~= '' then record[name] = NUMBERS[name] and tonumber(value) or value end
  end
  local schema = tonumber(record.v)
  if not is_known(schema) then return nil, schema end
  return record
end

-- load gives the whole record that a script was asked about; one of another layout is refused in words, before anything
-- is written.
local function load(id)
  local record, other_version = find(id)
  if other_version then
    local writer = other_version > SCHEMA and 'NEWER' or 'OLDER'
    error({ err = writer .. ' ' .. id .. ' was written by another version of Baton' })
  end
  return record
end

-- set changes fields in the record and in the table that stands for it; '' clears one, and writes nothing where there
-- is none. Numbers come as text.
local function set(record, ...)
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

-- mark_of stands for an id among those that asked for a handoff by its key: eight of them, with commas, are no more
-- than 64 bytes.
local function mark_of(id) return string.sub(id, -7) end

-- since gives when a handoff fell due first; `ls` is its score in the contact's queue, in microseconds.
local function since(record) return math.floor(record.ls / 1000) end

-- Writes whose effect no script reads again before it ends are gathered by command and key, and made with one command
-- each by `flush`: what frees memory first, so that a Redis that is full takes the rest. Those of many keys have none
-- of their own.
local COMMANDS = { 'ZREM', 'DEL', 'UNLINK', 'MSET', 'ZADD', 'LPUSH', 'RPUSH' }
local MANY_KEYS = { DEL = true, UNLINK = true, MSET = true }
local gathered = {}
for _, command in ipairs(COMMANDS) do gathered[command] = {} end

local function gather(command, key, first, second)
  local list = gathered[command][key]
  if not list then
    list = {}
    gathered[command][key] = list
  end
  list[#list + 1] = first
  if second then list[#list + 1] = second end
end

-- faults are what went wrong with single handoffs or keys: told, while the rest goes on.
local faults = {}

local function flush()
  for _, command in ipairs(COMMANDS) do
    for key, list in pairs(gathered[command]) do
      local reply
      if MANY_KEYS[command] then reply = redis.pcall(command, unpack(list))
      else reply = redis.pcall(command, key, unpack(list)) end
      if type(reply) == 'table' and reply.err then faults[#faults + 1] = key .. ' ' .. reply.err end
    end
    gathered[command] = {}
  end
end

local function remove_key(key) gather('DEL', '', key) end

-- each does one step for one handoff; should it fail, the others go on. Gives what the step gives, or nil.
local function each(id, step, ...)
  local done, result = pcall(step, ...)
  if done then return result end
  faults[#faults + 1] = id .. ' ' .. (type(result) == 'table' and result.err or tostring(result))
  return nil
end

-- erase removes a record with everything that only it holds.
local function erase(id) call('DEL', handoff_key(id), params_key(id), context_key(id), attempt_log_key(id)) end
--- @enclose
