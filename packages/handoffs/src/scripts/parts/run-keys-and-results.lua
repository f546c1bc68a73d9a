--- @include shard-keys-clock-and-record
-- The items of runs in this shard.
--
--   :run:<run>            hash: fence (of the run's version), matched, replayed, discarded, delivered, died,
--                         skip:<reason>, outstanding:<connector>, last (the last fifty that ended: moment, result, -),
--                         connectors (how many have items), of:<n> (each of them as it was found, from 0)
--   :run:<run>:next       connectors with items left, by when the next of them died
--   :run:<run>:i:<cn>     list: `diedAt.generation.handoff`, the oldest first
--   :run:<run>:r:<cn>     string: the result of each processed item, in the same order, RESULT_LENGTH characters each
-- The record of a replayed item names it: rp is `<run>.<position in the list>`.

-- A result is one character for the result, one for the reason, and the moment in epoch milliseconds.
local RESULT_LENGTH = 15
local RESULTS = { r = 'replayed', d = 'delivered', x = 'died-again', g = 'discarded', s = 'skipped' }
local NO_REASON = '-'
local REASONS = { g = 'gone', r = 'replayed', d = 'discarded', c = 'changed', m = 'may-have-arrived',
  e = 'contact-ended', n = 'connector-deleted', k = 'cancelled', v = 'other-version', f = 'failed' }
local REASON_CODES = {}
for code, reason in pairs(REASONS) do REASON_CODES[reason] = code end

local function run_key(run) return P .. ':run:' .. run end
local function run_items_key(run, connector) return run_key(run) .. ':i:' .. connector end
local function run_results_key(run, connector) return run_key(run) .. ':r:' .. connector end

local function format_item_result(code, reason) return code .. (reason and REASON_CODES[reason] or NO_REASON) .. NOW end

-- died_at_of_item reads when an item of a list died.
local function died_at_of_item(item) return string.match(item, '^%d+') end

-- is_stale_run_version returns whether a step is of an earlier version of the run, as after a pause, or of a worker
-- that lost its lease to another one. Such a step does nothing.
local function is_stale_run_version(run, version)
  local fence = tonumber(call('HGET', run_key(run), 'fence') or nil) or 0
  if version > fence then call('HSET', run_key(run), 'fence', format_int(version)) end
  return version < fence
end
