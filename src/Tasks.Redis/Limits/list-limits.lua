-- Names and limits that were set, in turn.
return redis.call('HGETALL', root .. 'settings')
