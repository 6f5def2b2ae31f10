-- Gives out what has become free by itself, and names the runs that have not come for their permits in time.
for _, name in ipairs(redis.call('ZRANGEBYSCORE', root .. 'wake', '-inf', text(now), 'LIMIT', 0, 50)) do drain(name) end
reminders = redis.call('ZRANGEBYSCORE', root .. 'reserved', '-inf', text(now), 'LIMIT', 0, 200)
for _, id in ipairs(reminders) do redis.call('ZADD', root .. 'reserved', text(now + remind_after), id) end
return grants({})
