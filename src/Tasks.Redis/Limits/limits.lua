-- What the scripts of limits have in common; each of them begins with this. KEYS: the root of the keys. Times are microseconds since 1970.
--
-- settings        hash: what was set for all processes, by name
-- version         string: grows when something is set
-- run:{id}        hash: w the limit in whose line the run waits, p its permit (empty: reserved), m how often it was reminded of that, r priority, k key, n how many demands, and of each
--                 dN its name, fN its family, lN its limit
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
local granted, reminders = {}, {}

local function text(number) return string.format('%.0f', number) end

local function read(id)
  local fields = redis.call('HGETALL', root .. 'run:' .. id)
  if #fields == 0 then return nil end
  local run = {id = id, demands = {}}
  for i = 1, #fields, 2 do run[fields[i]] = fields[i + 1] end
  for i = 1, tonumber(run.n) do run.demands[i] = {name = run['d' .. i], family = run['f' .. i], limit = run['l' .. i]} end
  return run
end

local function limit_of(demand)
  local set = redis.call('HGET', root .. 'settings', demand.name)
    or demand.family ~= '' and redis.call('HGET', root .. 'settings', demand.family)
    or demand.limit
  local max, interval, burst = string.match(set, '^(%d*) (%d*) (%d*)$')
  return tonumber(max), tonumber(interval), tonumber(burst)
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

local function wall_of(run)
  for _, demand in ipairs(run.demands) do
    if allows_at(demand) > now then return demand end
  end
end

local function join(run, name)
  local line, turns = root .. 'line:' .. name, root .. 'turns:' .. name
  local owed = redis.call('HMGET', turns, run.r, run.r .. ' ' .. run.k)
  local turn = math.max(tonumber(owed[1] or 0), tonumber(owed[2] or 0))
  redis.call('HSET', turns, run.r .. ' ' .. run.k, text(turn + 1))
  redis.call('ZADD', line, text((9 - run.r) * rank_size + turn), run.id)
  redis.call('HSET', root .. 'run:' .. run.id, 'w', name)
  run.w = name
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
    local max, interval, burst = limit_of(demand)
    redis.call('ZADD', root .. 'held:' .. demand.name, text(expires_at), run.id)
    if interval then
      local rate = root .. 'rate:' .. demand.name
      local next_start = math.min(math.max(tonumber(redis.call('GET', rate) or 0), now), now + burst * interval) + interval
      redis.call('SET', rate, text(next_start), 'PX', text(math.ceil((next_start - now) / 1000) + 1))
    end
  end
end

-- Takes a run out of everything. A start that was counted for a permit that nobody has come for is given back.
local function forget(run)
  redis.call('DEL', root .. 'run:' .. run.id)
  if redis.call('ZREM', root .. 'reserved', run.id) == 1 then
    for _, demand in ipairs(run.demands) do
      local _, interval = limit_of(demand)
      local next_start = interval and tonumber(redis.call('GET', root .. 'rate:' .. demand.name) or 0) or 0
      if next_start > now then
        redis.call('SET', root .. 'rate:' .. demand.name, text(next_start - interval), 'PX', text(math.ceil((next_start - now) / 1000) + 1))
      end
    end
  end
  if run.w ~= '' then leave_line(run.id, run.w) end
  for _, demand in ipairs(run.demands) do redis.call('ZREM', root .. 'held:' .. demand.name, run.id) end
end

-- Gives permits to those whose turn it is, so many at most; the rest is woken for.
local function drain(name)
  local line = root .. 'line:' .. name
  for _ = 1, 50 do
    local first = redis.call('ZRANGE', line, 0, 0, 'WITHSCORES')
    if #first == 0 then
      redis.call('ZREM', root .. 'wake', name)
      return
    end
    if redis.call('ZCARD', root .. 'reserved') >= most_reserved then
      redis.call('ZADD', root .. 'wake', text(now + 100000), name)
      return
    end
    local run = read(first[1])
    local mine
    for _, demand in ipairs(run and run.demands or {}) do if demand.name == name then mine = demand end end
    if not mine then
      leave_line(first[1], name)
    else
      local at = allows_at(mine)
      if at > now then
        redis.call('ZADD', root .. 'wake', text(at), name)
        return
      end
      local turn = tonumber(first[2]) - (9 - run.r) * rank_size
      redis.call('HSET', root .. 'turns:' .. name, run.r, text(turn))
      if tonumber(redis.call('HGET', root .. 'turns:' .. name, run.r .. ' ' .. run.k)) == turn + 1 then
        redis.call('HDEL', root .. 'turns:' .. name, run.r .. ' ' .. run.k)
      end
      leave_line(run.id, name)
      local wall = wall_of(run)
      if wall then
        join(run, wall.name)
        redis.call('ZADD', root .. 'wake', text(allows_at(wall)), wall.name)
      else
        take(run, never)
        redis.call('HSET', root .. 'run:' .. run.id, 'w', '', 'm', 0)
        redis.call('ZADD', root .. 'reserved', text(now + remind_after), run.id)
        granted[#granted + 1] = run.id
      end
    end
  end
  redis.call('ZADD', root .. 'wake', text(now), name)
end

-- What the call has changed for others: when to look again, the version of the settings, who has got permits, a gap, whom to remind of.
local function grants(answer)
  local next_at
  for _, key in ipairs({'wake', 'reserved'}) do
    local first = redis.call('ZRANGE', root .. key, 0, 0, 'WITHSCORES')
    if #first > 0 then next_at = math.min(next_at or never, tonumber(first[2])) end
  end
  answer[#answer + 1] = next_at and text(math.max(next_at - now, 0)) or ''
  answer[#answer + 1] = redis.call('GET', root .. 'version') or '0'
  for _, id in ipairs(granted) do answer[#answer + 1] = id end
  answer[#answer + 1] = ''
  for _, id in ipairs(reminders) do answer[#answer + 1] = id end
  return answer
end

