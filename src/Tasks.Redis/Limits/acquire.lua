-- Asks for a permit. ARGV: run, permit, lease, priority, key, whether it takes over, then name, family and limit of each demand.
-- Answers with the state (granted, held, waiting), and the limit that the run waits for.
local id, permit, lease, priority, key, takes_over = unpack(ARGV, 1, 6)
local run = read(id)
if run and run.w ~= '' then return grants({'waiting', run.w}) end
if run and run.p ~= '' and takes_over == '' then return grants({'held', ''}) end

local document, expires_at = root .. 'run:' .. id, now + lease
if run then
  redis.call('ZREM', root .. 'reserved', id)
  for _, demand in ipairs(run.demands) do redis.call('ZADD', root .. 'held:' .. demand.name, text(expires_at), id) end
else
  run = {id = id, r = priority, k = key, w = '', demands = {}}
  local fields = {'w', '', 'p', '', 'r', priority, 'k', key}
  for i = 7, #ARGV, 3 do
    local n = #run.demands + 1
    run.demands[n] = {name = ARGV[i], family = ARGV[i + 1], limit = ARGV[i + 2]}
    for field, value in pairs({d = ARGV[i], f = ARGV[i + 1], l = ARGV[i + 2]}) do
      fields[#fields + 1], fields[#fields + 2] = field .. n, value
    end
  end
  fields[#fields + 1], fields[#fields + 2] = 'n', #run.demands
  redis.call('HSET', document, unpack(fields))

  local wall
  for _, demand in ipairs(run.demands) do
    if redis.call('EXISTS', root .. 'line:' .. demand.name) == 1 or allows_at(demand) > now then wall = demand break end
  end
  if wall then
    join(run, wall.name)
    drain(wall.name)
    if redis.call('ZREM', root .. 'reserved', id) == 0 then return grants({'waiting', redis.call('HGET', document, 'w')}) end
    for i = #granted, 1, -1 do if granted[i] == id then table.remove(granted, i) end end
    for _, demand in ipairs(run.demands) do redis.call('ZADD', root .. 'held:' .. demand.name, text(expires_at), id) end
  else
    take(run, expires_at)
  end
end

redis.call('HSET', document, 'p', permit)
redis.call('PEXPIRE', document, text(math.ceil(lease / 1000)))
return grants({'granted', ''})
