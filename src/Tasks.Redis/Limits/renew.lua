-- Makes a permit last. ARGV: run, permit, lease. Answers 1 if the permit is still held.
local id, permit, lease = unpack(ARGV, 1, 3)
local run = read(id)
if not run or run.p ~= permit then return 0 end

for _, demand in ipairs(run.demands) do redis.call('ZADD', root .. 'held:' .. demand.name, text(now + lease), id) end
redis.call('PEXPIRE', root .. 'run:' .. id, text(math.ceil(lease / 1000)))
return 1
