-- Returns a permit, or, without one, gives up a place in a line or a reserved permit. ARGV: run, permit (empty: none), whether
-- an attempt has begun under it (empty: no).
local run = read(ARGV[1])
if run and run.p == ARGV[2] then
  forget(run, ARGV[3] ~= '')
  drain_all(names_of(run))
end
return grants({})
