-- Makes the lease last for some milliseconds from now, if the fencing token is the latest.
if redis.call('HGET', KEYS[1], 't') ~= ARGV[1] then return 0 end

local time = redis.call('TIME')
redis.call('HSET', KEYS[1], 'l', string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2]))
return 1
