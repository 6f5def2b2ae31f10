-- Asks for a permit. ARGV: run, permit, lease, priority, key, whether the attempt runs already, then name, family and limit of each demand.
-- Answers with the state (granted, held, waiting), and the limit that the run waits for.
local id, permit, lease, priority, key, takes_over = unpack(ARGV, 1, 6)
local document, expires_at = root .. 'run:' .. id, now + lease
local run = read(id)

local function hold(is_taken)
  if not is_taken then
    redis.call('ZREM', root .. 'reserved', id)
    for _, demand in ipairs(run.demands) do
      redis.call('ZADD', root .. 'held:' .. demand.name, text(expires_at), id)
      -- Those in the line thought that it would never expire.
      local wake_at = redis.call('ZSCORE', root .. 'wake', demand.name)
      if wake_at and tonumber(wake_at) > expires_at then redis.call('ZADD', root .. 'wake', text(expires_at), demand.name) end
    end
  end
  redis.call('HSET', document, 'p', permit, 'w', '')
  redis.call('PEXPIRE', document, text(math.ceil(lease / 1000)))
  return grants({'granted', ''})
end

local function is_the_same()
  if #run.demands ~= (#ARGV - 6) / 3 then return false end
  for n, demand in ipairs(run.demands) do if demand.name ~= ARGV[4 + 3 * n] then return false end end
  return true
end

local function enter()
  run = {id = id, r = priority, k = key, w = '', p = '', demands = {}}
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
end

if takes_over ~= '' then
  if run and run.w ~= '' then leave_line(id, run.w) end
  if not run then enter() end
  return hold()
end
if run and run.w ~= '' then return grants({'waiting', run.w}) end
if run and run.p ~= '' then return grants({'held', ''}) end
if run and is_the_same() then return hold() end

local left = run
if left then forget(left) end
enter()
local wall
for _, demand in ipairs(run.demands) do
  if redis.call('EXISTS', root .. 'line:' .. demand.name) == 1 or allows_at(demand) > now then wall = demand break end
end
if wall then
  join(run, wall.name)
  drain(wall.name)
else
  take(run, expires_at)
end
for _, demand in ipairs(left and left.demands or {}) do drain(demand.name) end
if wall and redis.call('ZSCORE', root .. 'reserved', id) == false then return grants({'waiting', redis.call('HGET', document, 'w')}) end

for i = #granted, 1, -1 do if granted[i] == id then table.remove(granted, i) end end
return hold(not wall)
