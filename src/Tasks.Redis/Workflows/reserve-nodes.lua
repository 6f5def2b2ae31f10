-- Takes so many numbers for new nodes, and answers the first; nothing if there is no such workflow.
if redis.call('EXISTS', KEYS[1]) == 0 then return nil end
return redis.call('HINCRBY', KEYS[1], 'size', ARGV[1]) - ARGV[1]
