-- Which connectors may take items of a run now.

-- So many items of one run are back in line and not ended, at most, for each connector.
local MOST_OUTSTANDING = 100

local function place_of(run, connector) return call('STRLEN', results_key(run, connector)) / SLOT end

-- room_of gives how many items a connector's queue takes now: none while its gate is closed or a live handoff waits
-- there, one while it is probed, else as many as bring it to `most`.
local function room_of(run, connector, most)
  local gate = gate_of(connector)
  if closed_by(gate, gate.pause) or call('EXISTS', parked_key(connector)) == 1 then return 0 end
  local outstanding = tonumber(call('HGET', run_key(run), 'outstanding:' .. connector) or nil) or 0
  local room = math.min(most - call('ZCARD', parked_replays_key(connector)), MOST_OUTSTANDING - outstanding)
  return is_probed(gate) and math.min(1 - outstanding, room) or room
end
