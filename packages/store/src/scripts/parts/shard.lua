-- What every handoff script stands on: the shard's keys, Redis's clock, and the live part of a record.
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

-- Everything of a record but its ledger and its sealed parts, which most steps never look at.
local LIVE = { 'v', 'cn', 'ct', 'sh', 'st', 'why', 'wf', 'gen', 'acc', 'due', 'dl', 'since', 'rep', 'used', 'total', 'nonce', 'settled',
  'until', 'att', 'may', 'dup', 'seq', 'res', 'amo', 'ls', 'ld', 'cause', 'end', 'ik', 'told', 'gone' }
local NUMBERS = { 'v', 'gen', 'acc', 'due', 'dl', 'since', 'until', 'att', 'seq' }
-- A field that is not there yet is 0: each that a waiting handoff does without spares 80 bytes.
local COUNTS = { 'rep', 'used', 'total' }

-- The layout of a record that these scripts write, and the newest that they know.
local SCHEMA = 1

-- glance gives the live part of a record with its numbers as numbers and what is '' as nil; nil where there is none; nil and true
-- where a newer Baton wrote it: that one is left alone.
local function glance(id)
  local values = redis.call('HMGET', handoff_key(id), unpack(LIVE))
  if not values[1] then return nil end
  if tonumber(values[1]) > SCHEMA then return nil, true end
  local record = { id = id }
  for i, name in ipairs(LIVE) do
    if values[i] and values[i] ~= '' then record[name] = values[i] end
  end
  for _, name in ipairs(NUMBERS) do record[name] = tonumber(record[name]) end
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
local SNAPSHOT = { 'v', 'cn', 'ct', 'sh', 'fixed', 'st', 'why', 'wf', 'gen', 'acc', 'due', 'dl', 'rep', 'led', 'may', 'dup', 'end', 'cause' }
local function snapshot_of(values)
  local flat = {}
  for i, name in ipairs(SNAPSHOT) do
    local value = values[i]
    if value and value ~= '' then
      flat[#flat + 1] = name
      flat[#flat + 1] = value
    end
  end
  return flat
end

local function snapshot(id) return snapshot_of(redis.call('HMGET', handoff_key(id), unpack(SNAPSHOT))) end

-- snapshot_new is snapshot for a record that was written whole in this script: Redis need not be asked for it.
local function snapshot_new(record)
  local values = {}
  for i, name in ipairs(SNAPSHOT) do values[i] = record[name] or false end
  return snapshot_of(values)
end

-- write changes fields in the record and in the table that stands for it; '' clears one, and writes nothing where there is none.
local function write(record, changes)
  local set = {}
  for name, value in pairs(changes) do
    if value ~= '' or record[name] ~= nil then
      set[#set + 1] = name
      set[#set + 1] = value
    end
    if value == '' then record[name] = nil else record[name] = value end
  end
  if #set > 0 then redis.call('HSET', handoff_key(record.id), unpack(set)) end
end
