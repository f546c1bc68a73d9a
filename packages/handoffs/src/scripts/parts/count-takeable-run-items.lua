--- @include connector-gate
--- @include run-keys-and-results
-- Which connectors may take items of a run now.

-- How many replayed items of one run may be live for each connector.
local MAX_OUTSTANDING = 100

local function next_run_item_position(run, connector)
  return call('STRLEN', run_results_key(run, connector)) / RESULT_LENGTH
end

-- count_takeable_items returns how many items a connector's queue takes now: none while its gate is closed or a live
-- handoff is parked, one while it is probed, otherwise as many as bring it to `most`.
local function count_takeable_items(run, connector, most)
  local gate = gate_of_connector(connector)
  if gate_closed_by(gate, gate.pause) or call('EXISTS', parked_key(connector)) == 1 then return 0 end
  local outstanding = tonumber(call('HGET', run_key(run), 'outstanding:' .. connector) or nil) or 0
  local room = math.min(most - call('ZCARD', parked_replays_key(connector)), MAX_OUTSTANDING - outstanding)
  return is_awaiting_probe(gate) and math.min(1 - outstanding, room) or room
end
