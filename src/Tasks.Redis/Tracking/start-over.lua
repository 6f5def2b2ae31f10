-- Removes a document with all that belongs to it, if the expected version is stored, and keeps which fencing token a write must show from then on.
-- KEYS: the document, and the root of the partition's keys. ARGV: the expected version; the token; for how many milliseconds it is kept.
local document, root = KEYS[1], KEYS[2]
local version, places, due_at, expiry = unpack(redis.call('HMGET', document, 'v', 'i', 'n', 'x'), 1, 4)
if version ~= ARGV[1] then return 0 end

local id = string.sub(document, -32)
for name in string.gmatch(places, '\n([^\n]+)') do redis.call('ZREM', root .. 'index:' .. name, id) end
if due_at then redis.call('ZREM', root .. 'due', id) end
if expiry then redis.call('ZREM', root .. 'expiries', id .. '\n' .. places) end

local time = redis.call('TIME')
redis.call('DEL', document)
redis.call('HSET', document, 'm', ARGV[2], 'x', string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[3]))
redis.call('PEXPIRE', document, ARGV[3])
redis.call('PUBLISH', document, '0\n')
return 1
