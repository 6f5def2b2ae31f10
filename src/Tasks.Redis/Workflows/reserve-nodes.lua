-- Takes numbers for new nodes, unless some were added under the name. ARGV: the name, how many. Answers the first number, and whether they were added before; nothing if
-- there is no such workflow.
if redis.call('EXISTS', KEYS[1]) == 0 then return nil end
local added = redis.call('HGET', KEYS[1], 'k' .. ARGV[1])
if added then return {tonumber(added), 1} end
return {redis.call('HINCRBY', KEYS[1], 'size', ARGV[2]) - ARGV[2], 0}
