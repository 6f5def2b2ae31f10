-- Writes a document with all that belongs to it, if the expected version is stored; otherwise answers what is.
-- KEYS: the document, and the root of the partition's keys.
-- ARGV: the expected version, the version that no document counts as, then what the hash is to hold: version, signal, fencing token, places,
-- due time, lease (= to keep the one that there is) and lifetime in milliseconds, then the channel of who is to be alerted, and names and values of fields. Empty is none; an empty
-- name stands before a field to remove.
--
-- The hash of a document: v version; d its signal, which is the version, a line break and the document; t fencing token, m the lowest that a write may show; i score and names of its
-- indexes, a line each; n due time, l end of the lease, x expiry; and the fields beside the document, after a colon.
--
-- Redis's Lua hashes every string it makes from end to end: a document must not be put together here, and comes as the signal that goes out.
local document, root = KEYS[1], KEYS[2]
local expected, none, version, signal, token, places, due_at, lease, lifetime, alerts = unpack(ARGV, 1, 10)
local stored_version, stored_places, stored_due, stored_expiry, stored_lease, lowest_token =
  unpack(redis.call('HMGET', document, 'v', 'i', 'n', 'x', 'l', 'm'), 1, 6)

local function from_now(milliseconds)
  local time = redis.call('TIME')
  -- As text, because Redis writes numbers as floating point, slowly.
  return string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000) + milliseconds)
end

if (stored_version or none) ~= expected or (lowest_token and tonumber(token) < tonumber(lowest_token)) then
  local current = redis.call('HGETALL', document)
  if #current > 0 then current[#current + 1] = from_now(0) end
  return current
end

local id = string.sub(document, -32)
local set = {'v', version, 'd', signal, 't', token}
local function put(field, value, stored)
  if value ~= (stored or '') then set[#set + 1], set[#set + 2] = field, value end
end

stored_places = stored_places or ''
put('i', places, stored_places)
put('n', due_at, stored_due)
if lease ~= '=' then put('l', lease ~= '' and from_now(lease) or '', stored_lease) end
local expiry = lifetime ~= '' and from_now(lifetime) or ''
put('x', expiry, stored_expiry)

for i = 11, #ARGV, 2 do
  if ARGV[i] == '' then redis.call('HDEL', document, ARGV[i + 1])
  else set[#set + 1], set[#set + 2] = ARGV[i], ARGV[i + 1] end
end
redis.call('HSET', document, unpack(set))

if places ~= stored_places then
  local score = string.match(places, '^[^\n]*')
  local same_score = score == string.match(stored_places, '^[^\n]*')
  local left = {}
  for name in string.gmatch(stored_places, '\n([^\n]+)') do left[name] = true end
  for name in string.gmatch(places, '\n([^\n]+)') do
    if not (same_score and left[name]) then redis.call('ZADD', root .. 'index:' .. name, score, id) end
    left[name] = nil
  end
  for name in pairs(left) do redis.call('ZREM', root .. 'index:' .. name, id) end
end

-- An expiry says where the document was listed: that must be known once Redis has dropped it.
local had_expiry = (stored_expiry or '') ~= ''
if had_expiry and (expiry == '' or places ~= stored_places) then redis.call('ZREM', root .. 'expiries', id .. '\n' .. stored_places) end
if expiry ~= '' then
  redis.call('ZADD', root .. 'expiries', expiry, id .. '\n' .. places)
  redis.call('PEXPIREAT', document, expiry)
elseif had_expiry then
  redis.call('PERSIST', document)
end

redis.call('PUBLISH', document, signal)
if alerts ~= '' then redis.call('PUBLISH', alerts, id) end

if due_at ~= (stored_due or '') then
  local due = root .. 'due'
  if due_at == '' then
    redis.call('ZREM', due, id)
  else
    redis.call('ZADD', due, due_at, id)
    if redis.call('ZRANGE', due, 0, 0)[1] == id then redis.call('PUBLISH', due, id) end
  end
end
