-- Sets a limit for all processes. ARGV: name, limit (empty: forgets it). All lines are looked at again.
if ARGV[2] == '' then redis.call('HDEL', root .. 'settings', ARGV[1])
else redis.call('HSET', root .. 'settings', ARGV[1], ARGV[2]) end
redis.call('INCR', root .. 'version')
for _, name in ipairs(redis.call('ZRANGE', root .. 'wake', 0, -1)) do redis.call('ZADD', root .. 'wake', text(now), name) end
