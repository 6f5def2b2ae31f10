-- Removes a document with all that belongs to it, if the expected version is stored.
-- KEYS: the document, and the root of the partition's keys. ARGV: the expected version; and, if something is to be known of it still, which fencing token a write must show
-- from then on, and for how many milliseconds.
local document, root = KEYS[1], KEYS[2]
local expected, token, lifetime = ARGV[1], ARGV[2], ARGV[3]
local version, places, due_at, expiry = unpack(redis.call('HMGET', document, 'v', 'i', 'n', 'x'), 1, 4)
if version ~= expected then return 0 end

local id = string.sub(document, -32)
for name in string.gmatch(places, '\n([^\n]+)') do redis.call('ZREM', root .. 'index:' .. name, id) end
if due_at then redis.call('ZREM', root .. 'due', id) end
if expiry then redis.call('ZREM', root .. 'expiries', id .. '\n' .. places) end
redis.call('DEL', document)
if token then
  local time = redis.call('TIME')
  redis.call('HSET', document, 'm', token, 'x', string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000) + lifetime))
  redis.call('PEXPIRE', document, lifetime)
end
redis.call('PUBLISH', document, '0\n')
return 1
