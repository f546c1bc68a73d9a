-- The audit's keys, all in the registry's slot. An entry is a line of JSON, and a second one once it is known how it
-- ended.
local AUDIT = R .. ':audit'

local function entry_key(id) return AUDIT .. ':e:' .. id end

-- entry_of reads both lines of an entry as one; the first prevails. Gives nothing where there is no such entry.
local function entry_of(id)
  local lines = redis.call('GET', entry_key(id))
  if not lines then return nil end
  local written, ended = string.match(lines, '^([^\n]*)\n?(.*)$')
  local entry = cjson.decode(written)
  for name, value in pairs(ended ~= '' and cjson.decode(ended) or {}) do
    if entry[name] == nil then entry[name] = value end
  end
  return entry, lines
end

-- index adds an entry to, or without a score takes it out of, what finds it: all, by actor, by the ids that it
-- concerns.
local function index(id, score, entry)
  local keys = { AUDIT, AUDIT .. ':by:' .. entry.actor.id }
  if entry.targetId then keys[#keys + 1] = AUDIT .. ':of:' .. entry.targetId end
  if entry.connectorId then keys[#keys + 1] = AUDIT .. ':of:' .. entry.connectorId end
  for _, key in ipairs(keys) do
    if score then redis.call('ZADD', key, score, id) else redis.call('ZREM', key, id) end
  end
end
