-- Writes a field, if the fencing token is the latest.
local version, token = unpack(redis.call('HMGET', KEYS[1], 'v', 't'), 1, 2)
if token ~= ARGV[1] then return 0 end

redis.call('HSET', KEYS[1], ':' .. ARGV[2], ARGV[3])
redis.call('PUBLISH', KEYS[1], version .. ' ' .. ARGV[2] .. '\n' .. ARGV[3])
return 1
