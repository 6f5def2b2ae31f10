-- Nodes by their numbers: for each its definition, waits, failures, state, result, failure, added nodes and what it was given.
local fields = {}
for _, n in ipairs(ARGV) do
  for field in string.gmatch('nwfsreag', '.') do fields[#fields + 1] = field .. n end
end
return redis.call('HMGET', KEYS[1], unpack(fields))
