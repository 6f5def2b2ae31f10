-- Keeps whether a workflow is stopped, if there is one.
if ARGV[1] == '0' then redis.call('HDEL', KEYS[1], 'stopped')
elseif redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'stopped', 1) end
