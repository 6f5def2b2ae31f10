-- Opens an added node, and lets a join wait for another, once for each name. KEYS: the nodes, and those that are open. ARGV: the name, the node that must be open, the join,
-- the node to open, the node to wait for. Answers the node that is open under the name; nothing: none is.
local nodes, open = KEYS[1], KEYS[2]
local name, during, join, first, last = unpack(ARGV, 1, 5)
local kept = redis.call('HGET', nodes, 'k' .. name)
if kept then return tonumber(kept) end
if not redis.call('ZSCORE', open, during) or redis.call('HEXISTS', nodes, 's' .. join) == 1 then return false end

redis.call('HSET', nodes, 'k' .. name, first)
local added = redis.call('HGET', nodes, 'a' .. join)
redis.call('HSET', nodes, 'a' .. join, added and added .. ',' .. last or last)
if redis.call('HEXISTS', nodes, 'w' .. join) == 1 then redis.call('HINCRBY', nodes, 'w' .. join, 1)
else redis.call('HSET', nodes, 'w' .. join, 2) end
redis.call('ZADD', open, first, first)
return tonumber(first)
