-- Notes which task goes to which queue. ARGV: names and queues of tasks, in turn.
redis.call('HSET', KEYS[1], unpack(ARGV))
