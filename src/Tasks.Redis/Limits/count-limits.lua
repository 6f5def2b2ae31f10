-- How many run under limits and wait for them, in turn. ARGV: names.
local counts = {}
for _, name in ipairs(ARGV) do
  counts[#counts + 1] = redis.call('ZCOUNT', root .. 'held:' .. name, '(' .. text(now), '+inf')
  counts[#counts + 1] = redis.call('ZCARD', root .. 'line:' .. name)
end
return counts
