-- Writes nodes. KEYS: the nodes, and those that are open. ARGV: for how many milliseconds nodes of a new workflow are kept until somebody says how long; for each node its number, definition, waits, before, whether it is open, whether it is hasty,
-- with which others it stops, whether it keeps what it was given; a definition, before or others of = stay as they are. A node that comes with a before and is there already is left as it is: somebody else has submitted the same.
--
-- The hash of the nodes, each field with the number of its node: n definition; b the nodes that wait for it, in ranges; w for how many it waits, if for more than
-- one; f how many of them have not succeeded; h that it is hasty; s state of its end, r result, e failure; c how far its end is counted, if not everywhere; a nodes that it
-- waits for besides, d when it is due, g what it was given, j with which others it stops. And without a number: size, the next free number; ended, how many have ended; stopped, that the workflow is; k and a name,
-- the first node that was added under it.
local nodes, open = KEYS[1], KEYS[2]
local is_new = redis.call('EXISTS', nodes) == 0

local function write(n, definition, waits, before, is_open, is_hasty, stops_with, keeps_given)
  if before ~= '=' and redis.call('HEXISTS', nodes, 'n' .. n) == 1 then return end
  local set = {}
  local function put(field, value) set[#set + 1], set[#set + 2] = field .. n, value end

  if redis.call('HDEL', nodes, 's' .. n) == 1 then redis.call('HINCRBY', nodes, 'ended', -1) end
  redis.call('HDEL', nodes, 'r' .. n, 'e' .. n, 'f' .. n, 'c' .. n, 'w' .. n, 'd' .. n)
  if keeps_given == '0' then redis.call('HDEL', nodes, 'g' .. n) end
  if definition ~= '=' then put('n', definition) end
  if before ~= '=' and before ~= '' then put('b', before) end
  if tonumber(waits) > 1 then put('w', waits) end
  if is_hasty == '1' then put('h', '1') end
  if stops_with ~= '=' and stops_with ~= '' then put('j', stops_with) end
  if #set > 0 then redis.call('HSET', nodes, unpack(set)) end
  if is_open == '1' then redis.call('ZADD', open, n, n) else redis.call('ZREM', open, n) end

  if tonumber(n) >= tonumber(redis.call('HGET', nodes, 'size') or 0) then redis.call('HSET', nodes, 'size', n + 1) end
end

for i = 2, #ARGV, 8 do write(unpack(ARGV, i, i + 7)) end
if is_new then
  redis.call('PEXPIRE', nodes, ARGV[1])
  redis.call('PEXPIRE', open, ARGV[1])
end
