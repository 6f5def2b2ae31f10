-- Keeps the nodes for so many milliseconds from now; for good, if empty.
for _, key in ipairs(KEYS) do
  if ARGV[1] == '' then redis.call('PERSIST', key) else redis.call('PEXPIRE', key, ARGV[1]) end
end
