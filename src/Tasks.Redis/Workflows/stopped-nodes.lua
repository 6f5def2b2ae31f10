-- Whether a node is not to begin any more: the workflow is stopped, or one of those has ended with which it stops. Stands before the scripts that ask.
local function is_stopped(nodes, stopped, stops_with)
  if stopped then return 1 end
  for first, last in string.gmatch(stops_with or '', '(%d+)%-?(%d*)') do
    for n = tonumber(first), tonumber(last ~= '' and last or first) do
      if redis.call('HEXISTS', nodes, string.format('s%d', n)) == 1 then return 1 end
    end
  end
  return 0
end

