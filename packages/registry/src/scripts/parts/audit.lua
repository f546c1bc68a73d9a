--- @include registry-keys-clock-and-version
-- The audit's keys, all in the registry's slot. An entry is one line of JSON. A second line follows once its outcome is
-- known.
local AUDIT = R .. ':audit'

local function entry_key(id) return AUDIT .. ':e:' .. id end

-- read_entry merges both lines of an entry; where both have a field, the first line's value is kept. It also returns
-- the lines. It returns nil where there is no such entry.
local function read_entry(id)
  local lines = redis.call('GET', entry_key(id))
  if not lines then return nil end
  local written, ended = string.match(lines, '^([^\n]*)\n?(.*)$')
  local entry = cjson.decode(written)
  for name, value in pairs(ended ~= '' and cjson.decode(ended) or {}) do
    if entry[name] == nil then entry[name] = value end
  end
  return entry, lines
end

-- index_entry adds an entry to its indexes: all, by actor, and by the ids that it concerns. Without a score it removes
-- the entry from them.
local function index_entry(id, score, entry)
  local keys = { AUDIT, AUDIT .. ':by:' .. entry.actor.id }
  if entry.targetId then keys[#keys + 1] = AUDIT .. ':of:' .. entry.targetId end
  if entry.connectorId then keys[#keys + 1] = AUDIT .. ':of:' .. entry.connectorId end
  for _, key in ipairs(keys) do
    if score then redis.call('ZADD', key, score, id) else redis.call('ZREM', key, id) end
  end
end
