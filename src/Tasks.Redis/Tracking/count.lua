-- The number of documents in an index.
return redis.call('ZCARD', KEYS[1])
