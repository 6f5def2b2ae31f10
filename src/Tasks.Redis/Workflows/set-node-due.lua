-- Keeps when a node is due, unless that is known already, and answers it.
redis.call('HSETNX', KEYS[1], 'd' .. ARGV[1], ARGV[2])
return tonumber(redis.call('HGET', KEYS[1], 'd' .. ARGV[1]))
