-- What every registry script includes. KEYS[1] is the registry's tag, `{namespace}`; ARGV[1] is one JSON object.
local R = KEYS[1]
local args = cjson.decode(ARGV[1])

local function read_clock()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

local now = read_clock()

-- A hash of what every process reads or writes once a second:
--
--   version          rises with every change of the registry
--   paused           while everything is paused: 1, or until when
--   shards           the most that any process was started with
--   sealing:<key>    when a process that seals with this key was last there
local META = R .. ':meta'

-- raise_version makes every process read the registry again: each compares the version once a second. The version
-- is the moment of the change: a Redis that lost changes, by a failover or a restore, never counts up to a version that
-- processes know from before.
local function raise_version()
  local version = tonumber(redis.call('HGET', META, 'version') or nil) or 0
  redis.call('HSET', META, 'version', string.format('%d', math.max(version + 1, now)))
end
