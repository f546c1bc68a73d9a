-- Runs and plans in the registry.
--
--   :run:<run>       hash: kind, status, because (paused), version (rises with every change and every worker that takes
--     it over), rate,
--                    tokens and countedAt (what its rate has to give), worker and heldUntil (who steps it), matched,
--                      createdAt,
--                    resumedAt, firstIsOver, endedAt, decision (JSON: what never changes)
--   :runs:<kind>     all runs, by when they were started
--   :runs:active     those that run or are paused
--   :runs:counts     hash: how many there are of each `<kind>:<status>`
--   :run-of:<key>    what an idempotency key stands for: run and fingerprint
--   :plans           plans that nobody started, by when they end
--   :plan:<plan>     JSON: what it is made of, and what it found
local function run_key(run) return R .. ':run:' .. run end

local function count_run(kind, status, by) redis.call('HINCRBY', R .. ':runs:counts', kind .. ':' .. status, by) end

-- set_status moves a run, and has all that was given out under its earlier version refused.
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
