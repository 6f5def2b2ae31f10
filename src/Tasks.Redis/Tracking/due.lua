-- The earliest due documents as ids and due times, at most so many. Forgets those that have expired, or they would stand in the way.
-- KEYS: the due times, and the root of the partition's keys.
local due, root, limit = KEYS[1], KEYS[2], tonumber(ARGV[1])
local found, from = {}, 0
repeat
  local page = redis.call('ZRANGE', due, from, from + limit - 1, 'WITHSCORES')
  for i = 1, #page, 2 do
    if redis.call('HGET', root .. 'doc:' .. page[i], 'n') ~= page[i + 1] then
      redis.call('ZREM', due, page[i])
    elseif #found < 2 * limit then
      found[#found + 1], found[#found + 2] = page[i], page[i + 1]
      from = from + 1
    end
  end
until #page < 2 * limit or #found == 2 * limit
return found
