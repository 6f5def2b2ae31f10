-- Nodes by their numbers: for each its definition, waits, failures, state, result, failure, added nodes, what it was given and whether it is stopped.
local fields = {}
for _, n in ipairs(ARGV) do
  for field in string.gmatch('nwfsreagj', '.') do fields[#fields + 1] = field .. n end
end
fields[#fields + 1] = 'stopped'

local answer = redis.call('HMGET', KEYS[1], unpack(fields))
local stopped = table.remove(answer)
for place = 9, #answer, 9 do answer[place] = is_stopped(KEYS[1], stopped, answer[place]) end
return answer
