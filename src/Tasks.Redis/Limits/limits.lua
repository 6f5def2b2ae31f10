-- What the scripts of limits have in common; each of them begins with this. KEYS: the root of the keys. Times are microseconds since 1970.
--
-- settings        hash: what was set for all processes, by name
-- version         string: grows when something is set
-- run:{id}        packed: its permit (empty: reserved), the limit in whose line it waits, its priority and key, how often it was reminded of its permit,
--                 then name, family and limit of each demand
-- held:{name}     sorted set: who has a permit, by the time it expires
-- rate:{name}     string: when the next start is due if all are evenly spread
-- line:{name}     sorted set: who waits, by turn
-- turns:{name}    hash: whose turn it is, and when it is whose next turn, by priority and key
-- wake            sorted set: limits with a line, by the time at which they may allow the next
-- reserved        sorted set: runs that have not come for their permit, by the time to remind of them
--
-- A limit is three numbers: how many at a time, microseconds between two starts, how many at once; empty is not limited.
local root = KEYS[1]
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local remind_after, never = 5000000, 9000000000000000
local rank_size = 1099511627776
local most_reserved = 500
local granted = {}
-- Whether something may become free by itself sooner than others know.
local is_news = false

local function text(number) return string.format('%.0f', number) end

local function read(id)
  local packed = redis.call('GET', root .. 'run:' .. id)
  if not packed then return nil end
  local parts = cmsgpack.unpack(packed)
  local run = {id = id, p = parts[1], w = parts[2], r = parts[3], k = parts[4], m = parts[5], demands = {}}
  for i = 6, #parts, 3 do run.demands[#run.demands + 1] = {name = parts[i], family = parts[i + 1], limit = parts[i + 2]} end
  return run
end

-- Keeps a run for so many milliseconds; for good, if none are given.
local function save(run, lifetime)
  local parts = {run.p, run.w, run.r, run.k, run.m}
  for _, demand in ipairs(run.demands) do
    local n = #parts
    parts[n + 1], parts[n + 2], parts[n + 3] = demand.name, demand.family, demand.limit
  end
  local packed = cmsgpack.pack(parts)
  if lifetime then redis.call('SET', root .. 'run:' .. run.id, packed, 'PX', text(lifetime))
  else redis.call('SET', root .. 'run:' .. run.id, packed) end
end

local function limit_of(demand)
  if not demand.burst then
    local set = redis.call('HMGET', root .. 'settings', demand.name, demand.family)
    local max, interval, burst = string.match(set[1] or set[2] or demand.limit, '^(%d*) (%d*) (%d*)$')
    demand.max, demand.interval, demand.burst = tonumber(max), tonumber(interval), tonumber(burst)
  end
  return demand.max, demand.interval, demand.burst
end

-- When the limit may allow one more; not later than now if it does.
local function allows_at(demand)
  local max, interval, burst = limit_of(demand)
  local at = 0
  if max then
    local held = root .. 'held:' .. demand.name
    if redis.call('ZCARD', held) >= max then
      redis.call('ZREMRANGEBYSCORE', held, '-inf', text(now))
      if redis.call('ZCARD', held) >= max then at = tonumber(redis.call('ZRANGE', held, 0, 0, 'WITHSCORES')[2]) end
    end
  end
  if interval then
    -- Never further away than the rate can have put it: it may have been slower, and the clock may have been set back.
    local next_start = math.min(tonumber(redis.call('GET', root .. 'rate:' .. demand.name) or 0), now + burst * interval)
    at = math.max(at, next_start - (burst - 1) * interval)
  end
  return at
end

-- Which of the demands of a run stands in its way; they go from coarse to fine.
local function wall_of(run)
  for n, demand in ipairs(run.demands) do
    if allows_at(demand) > now then return n end
  end
end

local function wake(name, at)
  redis.call('ZADD', root .. 'wake', text(at), name)
  is_news = true
end

local function join(run, demand)
  local line, turns = root .. 'line:' .. demand.name, root .. 'turns:' .. demand.name
  local owed = redis.call('HMGET', turns, run.r, run.r .. ' ' .. run.k)
  local turn = math.max(tonumber(owed[1] or 0), tonumber(owed[2] or 0))
  redis.call('HSET', turns, run.r .. ' ' .. run.k, text(turn + 1))
  redis.call('ZADD', line, text((9 - run.r) * rank_size + turn), run.id)
  run.w = demand.name
  save(run)
  wake(demand.name, allows_at(demand))
end

local function leave_line(id, name)
  redis.call('ZREM', root .. 'line:' .. name, id)
  if redis.call('EXISTS', root .. 'line:' .. name) == 0 then
    redis.call('DEL', root .. 'turns:' .. name)
    redis.call('ZREM', root .. 'wake', name)
  end
end

local function take(run, expires_at)
  for _, demand in ipairs(run.demands) do
    local _, interval, burst = limit_of(demand)
    redis.call('ZADD', root .. 'held:' .. demand.name, text(expires_at), run.id)
    if interval then
      local rate = root .. 'rate:' .. demand.name
      local next_start = math.min(math.max(tonumber(redis.call('GET', rate) or 0), now), now + burst * interval) + interval
      redis.call('SET', rate, text(next_start), 'PX', text(math.ceil((next_start - now) / 1000) + 1))
    end
  end
end

-- Takes a run out of everything. A start that was counted for a permit under which nothing has begun is given back.
local function forget(run, has_begun)
  redis.call('DEL', root .. 'run:' .. run.id)
  if run.w ~= '' then
    leave_line(run.id, run.w)
    return
  end
  for _, demand in ipairs(run.demands) do redis.call('ZREM', root .. 'held:' .. demand.name, run.id) end
  if has_begun then return end
  redis.call('ZREM', root .. 'reserved', run.id)
  for _, demand in ipairs(run.demands) do
    local _, interval = limit_of(demand)
    local next_start = interval and tonumber(redis.call('GET', root .. 'rate:' .. demand.name) or 0) or 0
    if next_start > now then
      redis.call('SET', root .. 'rate:' .. demand.name, text(next_start - interval), 'PX', text(math.ceil((next_start - now) / 1000) + 1))
    end
  end
end

-- Whether so many have not come for their permits of a limit that no more are to be given out: their queue may be paused, or nobody reads it, and
-- when it is read again, all start at once, so that of a rate no more than of a second wait. Others go on, whatever waits there.
local function is_crowded(demand)
  local mine = redis.call('ZCOUNT', root .. 'held:' .. demand.name, text(never), '+inf')
  if mine == 0 then return false end
  local _, interval, burst = limit_of(demand)
  return mine >= (interval and math.min(most_reserved, burst + math.ceil(1000000 / interval)) or most_reserved)
    or redis.call('ZCARD', root .. 'reserved') >= most_reserved
end

local function advance(run, name, score)
  local turn = tonumber(score) - (9 - run.r) * rank_size
  redis.call('HSET', root .. 'turns:' .. name, run.r, text(turn))
  if tonumber(redis.call('HGET', root .. 'turns:' .. name, run.r .. ' ' .. run.k)) == turn + 1 then
    redis.call('HDEL', root .. 'turns:' .. name, run.r .. ' ' .. run.k)
  end
  leave_line(run.id, name)
end

local function reserve(run)
  take(run, never)
  run.w, run.m = '', 0
  save(run)
  redis.call('ZADD', root .. 'reserved', text(now + remind_after), run.id)
  granted[#granted + 1] = run.id
  is_news = true
end

-- Gives permits to those in a line whose turn it is, so many at most; the rest is woken for.
--
-- Who is stopped by a finer limit waits there, so as not to stop those behind it. Who is stopped by a coarser one goes back to that line, but only
-- one at a time does: those behind it need the coarser limit too, and would all go to and fro. When it gets its permit, they are looked at again.
local function drain(name, others)
  local line = root .. 'line:' .. name
  local has_gone_back = false
  for _ = 1, 50 do
    local first = redis.call('ZRANGE', line, 0, 0, 'WITHSCORES')
    if #first == 0 then return end
    local run = read(first[1])
    local mine
    for n, demand in ipairs(run and run.demands or {}) do if demand.name == name then mine = n end end
    if not mine then
      leave_line(first[1], name)
    else
      local at, wall = allows_at(run.demands[mine]), wall_of(run)
      if at > now then return wake(name, at) end
      if is_crowded(run.demands[mine]) then return wake(name, now + 100000) end
      local goes_back = wall and wall < mine
      if goes_back and has_gone_back then return wake(name, math.min(allows_at(run.demands[wall]), now + 1000000)) end
      has_gone_back = has_gone_back or goes_back
      advance(run, name, first[2])
      if wall then
        join(run, run.demands[wall])
      else
        reserve(run)
        for n = mine + 1, #run.demands do others[#others + 1] = run.demands[n].name end
      end
    end
  end
  wake(name, now)
end

local function drain_all(names)
  local i = 1
  while i <= #names do
    drain(names[i], names)
    i = i + 1
  end
end

local function names_of(run)
  local names = {}
  for n, demand in ipairs(run.demands) do names[n] = demand.name end
  return names
end

-- What the call has changed for others: when to look again, if that is news, and who has got permits.
local function grants(answer)
  local next_at
  if is_news then
    for _, key in ipairs({'wake', 'reserved'}) do
      local first = redis.call('ZRANGE', root .. key, 0, 0, 'WITHSCORES')
      if #first > 0 then next_at = math.min(next_at or never, tonumber(first[2])) end
    end
  end
  answer[#answer + 1] = next_at and text(math.max(next_at - now, 0)) or ''
  for _, id in ipairs(granted) do answer[#answer + 1] = id end
  return answer
end

