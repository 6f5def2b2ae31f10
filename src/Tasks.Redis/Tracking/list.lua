-- Ids and scores of an index that come after a place (a score and an id), highest first.
-- Ids of one score are in order, so the place among them is found by halving: a page costs as much at the end as at the start.
local index, score, id, limit = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local first = redis.call('ZCOUNT', index, '(' .. score, '+inf')
local last = first + redis.call('ZCOUNT', index, score, score)
while first < last do
  local middle = math.floor((first + last) / 2)
  if redis.call('ZREVRANGE', index, middle, middle)[1] >= id then first = middle + 1 else last = middle end
end
return redis.call('ZREVRANGE', index, first, first + limit - 1, 'WITHSCORES')
