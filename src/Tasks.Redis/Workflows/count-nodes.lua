-- How many nodes there are, and how many have ended.
return redis.call('HMGET', KEYS[1], 'size', 'ended')
