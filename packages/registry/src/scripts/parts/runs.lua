-- Runs and plans in the registry.
--
--   :run:<run>       hash: kind, status, because (of a pause),
--                    version (incremented by every change and by every worker that takes the run over),
--                    rate, tokens and countedAt (the rate's bucket), worker and heldUntil (the lease),
--                    matched, createdAt, resumedAt, firstIsOver, endedAt, decision (JSON, never changed)
--   :runs:<kind>     all runs, by when they started
--   :runs:active     runs that are running or paused
--   :runs:counts     hash: how many runs there are of each `<kind>:<status>`
--   :run-of:<key>    run and fingerprint of an idempotency key
--   :plans           plans that were not started, by when they expire
--   :plan:<plan>     JSON: the query of the plan, and what it found
local function run_key(run) return R .. ':run:' .. run end

local function count_run(kind, status, by) redis.call('HINCRBY', R .. ':runs:counts', kind .. ':' .. status, by) end

-- set_status changes a run's status and version: a step under the earlier version is refused.
local function set_status(run, kind, from, to)
  redis.call('HSET', run_key(run), 'status', to)
  redis.call('HINCRBY', run_key(run), 'version', 1)
  count_run(kind, from, -1)
  count_run(kind, to, 1)
  if to == 'completed' or to == 'cancelled' then
    redis.call('HSET', run_key(run), 'endedAt', now)
    redis.call('SREM', R .. ':runs:active', run)
  end
end
