-- Ends a node and counts that at the nodes that wait for it, so many at most. KEYS: the nodes, and those that are open.
-- ARGV: number, state, result and failure (= for none), how many to count.
-- Answers nothing if there is no such node, or: whether it is the first end, its state, whether there is more to count, then number, waits, failures and definition of
-- each open node that waits for it, and whether it is stopped.
local nodes, open = KEYS[1], KEYS[2]
local n, state, result, failure, limit = unpack(ARGV, 1, 5)
if redis.call('HEXISTS', nodes, 'n' .. n) == 0 then return nil end

local is_first = redis.call('HSETNX', nodes, 's' .. n, state)
local from = 0
if is_first == 1 then
  if result ~= '=' then redis.call('HSET', nodes, 'r' .. n, result) end
  if failure ~= '=' then redis.call('HSET', nodes, 'e' .. n, failure) end
  redis.call('HINCRBY', nodes, 'ended', 1)
else
  state = redis.call('HGET', nodes, 's' .. n)
  from = tonumber(redis.call('HGET', nodes, 'c' .. n))
end

local succeeded = '5'
local answer = {is_first, state, 0}
local stopped = redis.call('HGET', nodes, 'stopped')
local function show(j, waits, failures)
  answer[#answer + 1], answer[#answer + 2], answer[#answer + 3] = j, waits, failures
  answer[#answer + 1] = redis.call('HGET', nodes, 'n' .. j)
  answer[#answer + 1] = is_stopped(nodes, stopped, redis.call('HGET', nodes, 'j' .. j))
end

-- A node without a number of waits waits for one.
local function count(j)
  local waits, failures = 0, 0
  if redis.call('HEXISTS', nodes, 'w' .. j) == 1 then waits = redis.call('HINCRBY', nodes, 'w' .. j, -1) end
  if state ~= succeeded then failures = redis.call('HINCRBY', nodes, 'f' .. j, 1) end
  local is_hasty = waits > 0 and failures > 0 and redis.call('HEXISTS', nodes, 'h' .. j) == 1
  if (waits == 0 or is_hasty) and redis.call('HEXISTS', nodes, 's' .. j) == 0 then
    redis.call('ZADD', open, j, j)
    if waits == 0 then failures = tonumber(redis.call('HGET', nodes, 'f' .. j) or 0) end
    show(j, waits, failures)
  end
end

local function look(j)
  if redis.call('ZSCORE', open, j) then
    show(j, tonumber(redis.call('HGET', nodes, 'w' .. j) or 0), tonumber(redis.call('HGET', nodes, 'f' .. j) or 0))
  end
end

local visit, place, visited, is_more = from and count or look, 0, 0, false
from = from or 0
for first, last in string.gmatch(redis.call('HGET', nodes, 'b' .. n) or '', '(%d+)%-?(%d*)') do
  first, last = tonumber(first), tonumber(last ~= '' and last or first)
  local length = last - first + 1
  if place + length > from then
    local j = first + math.max(0, from - place)
    while j <= last and visited < tonumber(limit) do
      visit(string.format('%d', j))
      j, visited = j + 1, visited + 1
    end
    if j <= last then is_more = true break end
  end
  place = place + length
end

if visit == count then
  if is_more then redis.call('HSET', nodes, 'c' .. n, from + visited)
  else
    redis.call('HDEL', nodes, 'c' .. n)
    redis.call('ZREM', open, n)
  end
  answer[3] = is_more and 1 or 0
end
if is_first == 1 then redis.call('PUBLISH', nodes, n) end
return answer
