-- Causes: failures alike share a fingerprint, so that an outage is one row with a count.

-- At most this many causes a connector; what comes later is `other`. (docs/adr/0007)
local MAX_CAUSES = 200

local UUID = string.rep('%x', 8) .. string.rep('%-' .. string.rep('%x', 4), 3) .. '%-' .. string.rep('%x', 12)

-- normalise takes out what differs between failures alike: UUIDs, long hexadecimal ids and numbers.
local function normalise(detail)
  local text = string.gsub(string.lower(detail or ''), UUID, '#')
  text = string.gsub(text, '%x+', function(run)
    if #run >= 8 and string.find(run, '%d') then return '#' end
  end)
  text = string.gsub(text, '%d+', '#')
  return (string.gsub(text, '%s+', ' '))
end

-- cause_of names the cause of a death and keeps its description while dead letters of it exist. `failure` is
-- {httpStatus?, detail?, waitingFor?}.
local function cause_of(record, reason, failure)
  local waited = failure.waitingFor
  local detail = normalise(failure.detail)
  local cause = 'cs_' .. string.sub(redis.sha1hex(table.concat({ reason, waited or '', failure.httpStatus or '', detail }, '\n')), 1, 16)
  local causes = P .. ':causes:' .. record.cn
  if call('HEXISTS', causes, cause) == 1 then return cause end
  if call('HLEN', causes) >= MAX_CAUSES then return 'other' end
  call('HSET', causes, cause, cjson.encode({ reason = reason, waitingFor = waited, httpStatus = failure.httpStatus, detail = detail }))
  return cause
end
