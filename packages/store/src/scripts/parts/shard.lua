-- What every handoff script stands on: the shard's keys, Redis's clock, and the record.
--
-- KEYS[1] is the shard's tag, `{namespace:n}`. It is no key itself: it routes the script to the shard's slot, and every key
-- of the shard starts with it. ARGV[1] is one JSON object; each script says which members it takes.
local P = KEYS[1]
local args = cjson.decode(ARGV[1])

local function clock()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

local now = clock()

local function handoff_key(id) return P .. ':h:' .. id end
local function connector_key(id) return P .. ':c:' .. id end
local function job_id(id, generation) return id .. '-' .. generation end
local function idempotency_key(connector, key) return P .. ':idem:' .. connector .. ':' .. key end

-- Redis keeps a hash in one small piece as long as none of its values is over 64 bytes. So what is longer has a key of its own.
local function params_key(id) return P .. ':p:' .. id end
local function context_key(id) return P .. ':x:' .. id end
local function ledger_key(id) return P .. ':l:' .. id end

local NUMBERS = { 'v', 'gen', 'acc', 'due', 'dl', 'since', 'until', 'att', 'seq' }
-- A field that is not there yet is 0.
local COUNTS = { 'rep', 'used', 'total', 'was' }

-- The layout of a record that these scripts write, and the newest that they know.
local SCHEMA = 1

-- glance gives a record with its numbers as numbers and what is '' as nil; nil where there is none; nil and true where a newer Baton
-- wrote it: that one is left alone.
local function glance(id)
  local flat = redis.call('HGETALL', handoff_key(id))
  if #flat == 0 then return nil end
  local record = { id = id }
  for i = 1, #flat, 2 do
    if flat[i + 1] ~= '' then record[flat[i]] = flat[i + 1] end
  end
  for _, name in ipairs(NUMBERS) do record[name] = tonumber(record[name]) end
  if record.v > SCHEMA then return nil, true end
  for _, name in ipairs(COUNTS) do record[name] = tonumber(record[name]) or 0 end
  return record
end

-- load is glance for the handoff that a script was asked about: a newer Baton's is refused in words, before anything is written.
local function load(id)
  local record, newer = glance(id)
  if newer then error({ err = 'NEWER ' .. id .. ' was written by a newer Baton' }) end
  return record
end

-- snapshot gives what everyone may know of a record, as a flat list of names and values: never its parameters or context.
local SNAPSHOT = { 'v', 'cn', 'ct', 'sh', 'ac', 'pj', 'env', 'ca', 'st', 'why', 'wf', 'gen', 'acc', 'due', 'dl', 'rep', 'may', 'dup', 'end', 'cause',
  'rq', 'rq2', 'tp' }
local function snapshot(record)
  local flat = {}
  for _, name in ipairs(SNAPSHOT) do
    local value = record[name]
    if value then
      flat[#flat + 1] = name
      flat[#flat + 1] = value
    end
  end
  if record.total > 0 then
    flat[#flat + 1] = 'led'
    flat[#flat + 1] = table.concat(redis.call('LRANGE', ledger_key(record.id), 0, -1), ',')
  end
  return flat
end

-- erase removes a record with everything that only it holds.
local function erase(id) redis.call('DEL', handoff_key(id), params_key(id), context_key(id), ledger_key(id)) end

-- with adds more changes to changes.
local function with(changes, more)
  for name, value in pairs(more or {}) do changes[name] = value end
  return changes
end

-- plain gives a number as Redis is to keep it: Redis's own way from a Lua number to text is a slow one.
local function plain(value)
  if type(value) == 'number' and value % 1 == 0 then return string.format('%d', value) end
  return value
end

-- write changes fields in the record and in the table that stands for it; '' clears one, and writes nothing where there is none.
local function write(record, changes)
  local set = {}
  for name, value in pairs(changes) do
    if value ~= '' or record[name] ~= nil then
      set[#set + 1] = name
      set[#set + 1] = plain(value)
    end
    if value == '' then record[name] = nil else record[name] = value end
  end
  if #set > 0 then redis.call('HSET', handoff_key(record.id), unpack(set)) end
end
