-- Gives out what has become free by itself, and names the runs that have not come for their permits in time, less and less often.
for _, name in ipairs(redis.call('ZRANGEBYSCORE', root .. 'wake', '-inf', text(now), 'LIMIT', 0, 50)) do drain(name) end
reminders = redis.call('ZRANGEBYSCORE', root .. 'reserved', '-inf', text(now), 'LIMIT', 0, 200)
for _, id in ipairs(reminders) do
  local times = math.min(redis.call('HINCRBY', root .. 'run:' .. id, 'm', 1), 7)
  redis.call('ZADD', root .. 'reserved', text(now + remind_after * 2 ^ times), id)
end
return grants({})
