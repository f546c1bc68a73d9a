--- @include registry-keys-clock-and-version
-- Runs in the registry. A plan is a run that was not started: started, it keeps its id.
--
--   :run:<run>                hash: kind, status (`planned` for a plan), because (of a pause),
--                             version (incremented by every change and by every worker that takes the run over),
--                             rate, tokens and countedAt (the rate's bucket), worker and heldUntil (the lease),
--                             matched, createdAt, resumedAt, firstIsOver, endedAt, decision (JSON, never changed);
--                             of a plan: kind, status, matched, scope (JSON), until it expires
--   :runs:<kind>              all runs of a kind, by when they started
--   :runs:<kind>:<status>     those of one status, by the same
--   :runs:planned             plans, by when they were begun
--   :idem:runs:<key>          an idempotency key, as those of handoffs: JSON of {id, fingerprint}
local PLANNED = R .. ':runs:planned'
local function run_key(run) return R .. ':run:' .. run end
local function runs_key(kind) return R .. ':runs:' .. kind end
local function status_key(kind, status) return runs_key(kind) .. ':' .. status end

local function is_over(status) return status == 'completed' or status == 'cancelled' end

-- set_status changes a run's status and version: a step under the earlier version is refused.
local function set_status(run, kind, from, to)
  redis.call('HSET', run_key(run), 'status', to)
  redis.call('HINCRBY', run_key(run), 'version', 1)
  redis.call('ZREM', status_key(kind, from), run)
  redis.call('ZADD', status_key(kind, to), redis.call('ZSCORE', runs_key(kind), run), run)
  if is_over(to) then redis.call('HSET', run_key(run), 'endedAt', now) end
end
