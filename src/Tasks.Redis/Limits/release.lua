-- Returns a permit, or leaves the line. ARGV: run, permit (empty: whatever the run has).
local id, permit = unpack(ARGV, 1, 2)
local run = read(id)
if run and (permit == '' or run.p == permit) then
  redis.call('DEL', root .. 'run:' .. id)
  redis.call('ZREM', root .. 'reserved', id)
  if run.w ~= '' then leave_line(id, run.w) end
  for _, demand in ipairs(run.demands) do redis.call('ZREM', root .. 'held:' .. demand.name, id) end
  for _, demand in ipairs(run.demands) do drain(demand.name) end
end
return grants({})
