-- Names and queues of tasks, in turn.
return redis.call('HGETALL', KEYS[1])
