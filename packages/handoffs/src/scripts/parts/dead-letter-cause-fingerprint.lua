--- @include shard-keys-clock-and-record
-- Causes: failures of one kind share a fingerprint, so that an outage is one row with a count.

-- Causes of one connector, at most; later ones are counted as `other`. (docs/adr/0007)
local MAX_CAUSES = 200

local UUID = string.rep('%x', 8) .. string.rep('%-' .. string.rep('%x', 4), 3) .. '%-' .. string.rep('%x', 12)

-- normalise_failure_detail replaces what differs between failures of one kind: UUIDs, long hexadecimal ids and numbers.
local function normalise_failure_detail(detail)
  local text = string.gsub(string.lower(detail or ''), UUID, '#')
  text = string.gsub(text, '%x+', function(run)
    if #run >= 8 and string.find(run, '%d') then return '#' end
  end)
  text = string.gsub(text, '%d+', '#')
  return (string.gsub(text, '%s+', ' '))
end

-- The causes of a shard, while there are dead letters of them: JSON of {reason, waitingFor?, httpStatus?, detail}, and
-- `beganAt`, since when there have been dead letters without a break. A state that an operator set before then no
-- longer applies. Of `other` it is `beganAt` alone.
local CAUSES = P .. ':causes'

-- may_add_cause returns whether a connector may have one more cause. `other` does not count.
local function may_add_cause(connector)
  local causes = P .. ':dead:cc:' .. connector
  local count = call('ZCARD', causes)
  return count < MAX_CAUSES or (count == MAX_CAUSES and call('ZSCORE', causes, 'other'))
end

-- find_or_create_cause returns the id of a dead letter's cause, and describes it where it is new. `failure` is
-- {httpStatus?, detail?, waitingFor?}.
local function find_or_create_cause(record, reason, failure)
  local waited = failure.waitingFor
  local detail = normalise_failure_detail(failure.detail)
  local fingerprint = table.concat({ reason, waited or '', failure.httpStatus or '', detail }, '\n')
  local cause = 'cs_' .. string.sub(redis.sha1hex(fingerprint), 1, 16)
  if call('ZSCORE', P .. ':dead:cc:' .. record.cn, cause) then return cause end
  local description = { reason = reason, waitingFor = waited, httpStatus = failure.httpStatus, detail = detail,
    beganAt = now }
  if not may_add_cause(record.cn) then cause, description = 'other', { beganAt = now } end
  call('HSETNX', CAUSES, cause, cjson.encode(description))
  return cause
end
