-- The hash of a document, then Redis's clock in milliseconds; nothing if there is no document.
local current = redis.call('HGETALL', KEYS[1])
if #current > 0 then
  local time = redis.call('TIME')
  current[#current + 1] = string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000))
end
return current
