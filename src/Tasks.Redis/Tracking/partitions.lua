-- The number of partitions that the keys were first used with; ours, if nobody was before us.
redis.call('SETNX', KEYS[1], ARGV[1])
return redis.call('GET', KEYS[1])
