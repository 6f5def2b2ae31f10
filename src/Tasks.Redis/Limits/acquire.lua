-- Asks for a permit. ARGV: run, permit, lease, priority, key, whether the attempt runs already, then name, family and limit of each demand.
-- Answers with the state (granted, held, waiting), and the limit that the run waits for.
local id, permit, lease, priority, key, takes_over = unpack(ARGV, 1, 6)
local expires_at = now + lease
local run = read(id)

local function newcomer()
  local demands = {}
  for i = 7, #ARGV, 3 do demands[#demands + 1] = {name = ARGV[i], family = ARGV[i + 1], limit = ARGV[i + 2]} end
  return {id = id, p = '', w = '', r = priority, k = key, m = 0, demands = demands}
end

local function hold()
  run.p, run.w = permit, ''
  save(run, math.ceil(lease / 1000))
  return grants({'granted', ''})
end

-- Lets the permit expire with the attempt, of which nothing was known until now.
local function come()
  redis.call('ZREM', root .. 'reserved', id)
  is_news = true
  for _, demand in ipairs(run.demands) do
    redis.call('ZADD', root .. 'held:' .. demand.name, text(expires_at), id)
    -- Those in the line thought that it would never expire.
    local wake_at = redis.call('ZSCORE', root .. 'wake', demand.name)
    if wake_at and tonumber(wake_at) > expires_at then wake(demand.name, expires_at) end
  end
  return hold()
end

local function is_the_same()
  if #run.demands ~= (#ARGV - 6) / 3 then return false end
  for n, demand in ipairs(run.demands) do if demand.name ~= ARGV[4 + 3 * n] then return false end end
  return true
end

if takes_over ~= '' then
  if run and run.w ~= '' then leave_line(id, run.w) end
  run = run or newcomer()
  return come()
end
if run and run.w ~= '' then return grants({'waiting', run.w}) end
if run and run.p ~= '' then return grants({'held', ''}) end
if run and is_the_same() then return come() end

local left = run
if left then forget(left) end
run = newcomer()
local wall
for _, demand in ipairs(run.demands) do
  if redis.call('EXISTS', root .. 'line:' .. demand.name) == 1 or allows_at(demand) > now then wall = demand break end
end
if not wall then
  take(run, expires_at)
  if left then drain_all(names_of(left)) end
  return hold()
end

join(run, wall)
drain_all({wall.name})
if left then drain_all(names_of(left)) end
if redis.call('ZSCORE', root .. 'reserved', id) == false then return grants({'waiting', read(id).w}) end

for i = #granted, 1, -1 do if granted[i] == id then table.remove(granted, i) end end
return come()
