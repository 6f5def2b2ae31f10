-- Gives out what has become free by itself, and names the runs that have not come for their permits in time, less and less often.
-- Answers with the version of the settings, those runs, and what was given out.
for _, name in ipairs(redis.call('ZRANGEBYSCORE', root .. 'wake', '-inf', text(now), 'LIMIT', 0, 50)) do
  redis.call('ZREM', root .. 'wake', name)
  drain_all({name})
end
local reminders = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', root .. 'reserved', '-inf', text(now), 'LIMIT', 0, 200)) do
  local run = read(id)
  if run then
    run.m = math.min(run.m + 1, 7)
    save(run)
    redis.call('ZADD', root .. 'reserved', text(now + remind_after * 2 ^ run.m), id)
    reminders[#reminders + 1] = id
  else
    redis.call('ZREM', root .. 'reserved', id)
  end
end
is_news = true
return {redis.call('GET', root .. 'version') or '0', reminders, grants({})}
