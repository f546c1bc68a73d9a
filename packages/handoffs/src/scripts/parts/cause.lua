-- Causes: failures of one kind share a fingerprint, so that an outage is one row with a count.

-- Causes of one connector, at most; later ones are counted as `other`. (docs/adr/0007)
local MAX_CAUSES = 200

local UUID = string.rep('%x', 8) .. string.rep('%-' .. string.rep('%x', 4), 3) .. '%-' .. string.rep('%x', 12)

-- normalise replaces what differs between failures of one kind: UUIDs, long hexadecimal ids and numbers.
local function normalise(detail)
  local text = string.gsub(string.lower(detail or ''), UUID, '#')
  text = string.gsub(text, '%x+', function(run)
    if #run >= 8 and string.find(run, '%d') then return '#' end
  end)
  text = string.gsub(text, '%d+', '#')
  return (string.gsub(text, '%s+', ' '))
end

-- cause_of returns the id of a dead letter's cause, and stores its description for as long as there are dead letters of
-- it. `failure` is {httpStatus?, detail?, waitingFor?}.
local function cause_of(record, reason, failure)
  local waited = failure.waitingFor
  local detail = normalise(failure.detail)
  local fingerprint = table.concat({ reason, waited or '', failure.httpStatus or '', detail }, '\n')
  local cause = 'cs_' .. string.sub(redis.sha1hex(fingerprint), 1, 16)
  local causes = P .. ':causes:' .. record.cn
  if call('HEXISTS', causes, cause) == 1 then return cause end
  if call('HLEN', causes) >= MAX_CAUSES then return 'other' end
  local description = { reason = reason, waitingFor = waited, httpStatus = failure.httpStatus, detail = detail }
  call('HSET', causes, cause, cjson.encode(description))
  return cause
end
