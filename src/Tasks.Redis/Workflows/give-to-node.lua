-- Keeps what a node is given, unless it has ended or was given something before; answers whether.
if redis.call('HEXISTS', KEYS[1], 'n' .. ARGV[1]) == 0 or redis.call('HEXISTS', KEYS[1], 's' .. ARGV[1]) == 1 then return 0 end
return redis.call('HSETNX', KEYS[1], 'g' .. ARGV[1], ARGV[2])
