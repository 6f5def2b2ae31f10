-- Removes what expired documents have left. KEYS: the expiries, and the root of the partition's keys. ARGV: now, how many at most.
local expiries, root = KEYS[1], KEYS[2]
local expired = redis.call('ZRANGEBYSCORE', expiries, '-inf', ARGV[1], 'WITHSCORES', 'LIMIT', 0, ARGV[2])
local removed = 0
for i = 1, #expired, 2 do
  local entry, at = expired[i], expired[i + 1]
  local id, left = string.sub(entry, 1, 32), string.sub(entry, 34)
  local places, expiry, due_at = unpack(redis.call('HMGET', root .. 'doc:' .. id, 'i', 'x', 'n'), 1, 3)

  -- While Redis still has the document, the caller's clock is ahead: it keeps its places.
  if expiry ~= at or places ~= left then
    -- If it was written again after it had expired, it keeps the places that it has now.
    local kept = {}
    for name in string.gmatch(places or '', '\n([^\n]+)') do kept[name] = true end
    for name in string.gmatch(left, '\n([^\n]+)') do
      if not kept[name] then redis.call('ZREM', root .. 'index:' .. name, id) end
    end
    if (due_at or '') == '' then redis.call('ZREM', root .. 'due', id) end
    redis.call('ZREM', expiries, entry)
    removed = removed + 1
  end
end
return removed
