-- Takes the documents that are due, earliest first: hides them until another instant. Forgets those that have expired, or they would stand in the way.
-- KEYS: the due times, and the root of the partition's keys. ARGV: now, until when to hide, how many at most.
-- Answers when the next one is due, empty if none waits, then for each taken one its id, its due time and what load.lua answers.
--
-- Nobody else is served meanwhile: large documents are taken a few at a time.
local due, root = KEYS[1], KEYS[2]
local now, hidden_until, limit = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local enough = 1048576

local time = redis.call('TIME')
time = string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000))
local answer, taken, size = {''}, 0, 0
while true do
  local id, at = unpack(redis.call('ZRANGE', due, 0, 0, 'WITHSCORES'))
  if not id then return answer end

  local document = root .. 'doc:' .. id
  if redis.call('HGET', document, 'n') ~= at then
    redis.call('ZREM', due, id)
  elseif tonumber(at) > now or taken == limit or size > enough then
    answer[1] = at
    return answer
  else
    local current = redis.call('HGETALL', document)
    for i = 2, #current, 2 do size = size + #current[i] end
    current[#current + 1] = time
    answer[#answer + 1], answer[#answer + 2], answer[#answer + 3] = id, at, current
    taken = taken + 1
    redis.call('HSET', document, 'n', hidden_until)
    redis.call('ZADD', due, hidden_until, id)
  end
end
