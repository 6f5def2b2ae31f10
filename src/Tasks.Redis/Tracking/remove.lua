-- Removes a document with all that belongs to it, if the expected version is stored.
-- KEYS: the document, and the root of the partition's keys.
local document, root = KEYS[1], KEYS[2]
local version, places, due_at, expiry = unpack(redis.call('HMGET', document, 'v', 'i', 'n', 'x'), 1, 4)
if version ~= ARGV[1] then return 0 end

local id = string.sub(document, -32)
for name in string.gmatch(places, '\n([^\n]+)') do redis.call('ZREM', root .. 'index:' .. name, id) end
if due_at then redis.call('ZREM', root .. 'due', id) end
if expiry then redis.call('ZREM', root .. 'expiries', id .. '\n' .. places) end
redis.call('DEL', document)
redis.call('PUBLISH', document, '0\n')
return 1
