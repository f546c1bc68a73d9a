-- The items of runs in this shard.
--
--   :run:<run>            hash: fence (of the run's version), matched, replayed, discarded, delivered, died,
--     skip:<reason>,
--                         outstanding:<connector>, last (the last fifty that ended: moment, letter, -)
--   :run:<run>:of         connectors with items, in the order in which they were found
--   :run:<run>:next       those with items left, by when the next of them died
--   :run:<run>:i:<cn>     list: `diedAt.generation.handoff`, the oldest first
--   :run:<run>:r:<cn>     what became of each that was taken, in the same order: as many characters for each as SLOT
-- An item of a run that is back in line says so in its record: rp is `<run>.<place in the list>`.

-- A slot is a letter for the result, one for the reason, and the moment in epoch milliseconds.
local SLOT = 15
local RESULTS = { r = 'replayed', d = 'delivered', x = 'died-again', g = 'discarded', s = 'skipped' }
local NO_REASON = '-'
local REASONS = { g = 'gone', r = 'replayed', d = 'discarded', c = 'changed', m = 'may-have-arrived', e = 'contact-ended',
  n = 'connector-deleted', k = 'cancelled', v = 'other-version', f = 'failed' }
local LETTERS = {}
for letter, reason in pairs(REASONS) do LETTERS[reason] = letter end

local function run_key(run) return P .. ':run:' .. run end
local function items_key(run, connector) return run_key(run) .. ':i:' .. connector end
local function results_key(run, connector) return run_key(run) .. ':r:' .. connector end

local function slot_of(letter, reason) return letter .. (reason and LETTERS[reason] or NO_REASON) .. NOW end

-- died_at reads when an item of a list died.
local function died_at(item) return string.match(item, '^%d+') end

-- is_fenced: a step of a run's earlier version, or of a worker that another one took the run over from, does nothing.
local function is_fenced(run, version)
  local fence = tonumber(call('HGET', run_key(run), 'fence') or nil) or 0
  if version > fence then call('HSET', run_key(run), 'fence', int(version)) end
  return version < fence
end
