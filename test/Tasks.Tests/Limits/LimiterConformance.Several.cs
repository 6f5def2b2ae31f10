using TasksBus.Limits;

namespace TasksBus.Tests.Limits;

/// <content>Runs under several limits.</content>
public abstract partial class LimiterConformance
{
    [Fact]
    public async Task A_run_under_several_limits_waits_until_all_of_them_allow_it_and_holds_none_meanwhile()
    {
        var ofTask = Demand("task:a", new Limit(MaxConcurrent: 2, Interval: null));
        var busy = Ask(ofTask, Demand("key:a\nacme", One));
        var sameKey = Ask(ofTask, Demand("key:a\nacme", One));
        var otherKey = Ask(ofTask, Demand("key:a\nmega", One));
        await Limiter.Acquire(busy);

        var waits = await Limiter.Acquire(sameKey);
        var runs = await Limiter.Acquire(otherKey);
        var grants = await Limiter.Return(busy.RunId, busy.Permit, hasBegun: true);

        Assert.Equal((PermitState.Waiting, "key:a\nacme"), (waits.State, waits.WaitsFor));
        Assert.Equal(PermitState.Granted, runs.State);
        Assert.Equal([sameKey.RunId], grants.Runs);
        Assert.Equal([(2, 0), (1, 0), (1, 0)], await Limiter.Count(["task:a", "key:a\nacme", "key:a\nmega"]));
    }

    [Fact]
    public async Task A_run_that_comes_for_its_permit_under_other_limits_asks_afresh()
    {
        var (first, second) = (Ask(Demand("task:a", One)), Ask(Demand("task:a", One)));
        var busy = Ask(Demand("queue:q", One));
        foreach (var request in new[] { first, second, busy })
            await Limiter.Acquire(request);
        await Limiter.Return(first.RunId, first.Permit, hasBegun: true);

        var comes = await Limiter.Acquire(second with { Demands = [Demand("task:a", One), Demand("queue:q", One)] });

        Assert.Equal((PermitState.Waiting, "queue:q"), (comes.State, comes.WaitsFor));
        Assert.Equal([(0, 0), (1, 1)], await Limiter.Count(["task:a", "queue:q"]));
    }

    [Fact]
    public async Task Those_who_wait_for_two_limits_do_not_all_go_to_and_fro_between_their_lines()
    {
        LimitDemand[] both = [Demand("queue:q", One), Demand("task:a", One)];
        var (ofQueue, ofTask, another) = (Ask(both[0]), Ask(both[1]), Ask(both[0]));
        var waiting = Enumerable.Range(0, 40).Select(_ => Ask(both)).ToDictionary(request => request.RunId);
        foreach (var request in waiting.Values.Prepend(ofTask).Prepend(ofQueue))
            await Limiter.Acquire(request);

        await Limiter.Return(ofQueue.RunId, ofQueue.Permit, hasBegun: true);
        var inFinerLine = await Limiter.Count(["queue:q", "task:a"]);
        await Limiter.Acquire(another);
        await Limiter.Return(ofTask.RunId, ofTask.Permit, hasBegun: true);
        var oneBack = await Limiter.Count(["queue:q", "task:a"]);
        var grants = await Limiter.Return(another.RunId, another.Permit, hasBegun: true);
        var turns = 0;
        for (; grants.Runs.Count > 0; turns++)
        {
            Assert.True(waiting.Remove(Assert.Single(grants.Runs), out var next));
            await Limiter.Acquire(next);
            grants = await Limiter.Return(next.RunId, next.Permit, hasBegun: true);
        }

        Assert.Equal([(0, 0), (1, 40)], inFinerLine);
        Assert.Equal([(1, 1), (0, 39)], oneBack);
        Assert.Equal((40, 0), (turns, waiting.Count));
    }

    [Fact]
    public async Task Whatever_is_asked_and_returned_the_limits_hold_and_everybody_has_a_turn()
    {
        var random = new Random(7);
        var limits = new Dictionary<string, int>(StringComparer.Ordinal) { ["task:a"] = 4, ["queue:q"] = 5, ["key:a\n0"] = 2, ["key:a\n1"] = 2, ["key:a\n2"] = 2 };
        var waiting = new Dictionary<Guid, PermitRequest>();
        var holding = new List<PermitRequest>();
        var done = 0;
        for (var step = 0; step < 600; step++)
        {
            LimitGrants grants;
            if (step < 200 && random.Next(2) == 0)
            {
                var key = $"{random.Next(3)}";
                var request = Ask([.. new[] { "task:a", "queue:q", "key:a\n" + key }.Select(name => Demand(name, new Limit(limits[name], Interval: null)))]) with { Key = key, Priority = random.Next(2) };
                var answer = await Limiter.Acquire(request);
                (answer.State == PermitState.Granted ? holding.Add : (Action<PermitRequest>)(one => waiting.Add(one.RunId, one)))(request);
                grants = answer.Grants;
            }
            else if (holding.Count > 0)
            {
                var index = random.Next(holding.Count);
                grants = await Limiter.Return(holding[index].RunId, holding[index].Permit, hasBegun: true);
                holding.RemoveAt(index);
                done++;
            }
            else
            {
                grants = (await Limiter.GrantDue()).Grants;
            }

            foreach (var run in grants.Runs)
            {
                Assert.True(waiting.Remove(run, out var granted));
                Assert.Equal(PermitState.Granted, (await Limiter.Acquire(granted)).State);
                holding.Add(granted);
            }

            Assert.All(limits, limit => Assert.InRange(holding.Count(one => one.Demands.Any(demand => demand.Name == limit.Key)), 0, limit.Value));
        }

        Assert.Empty(waiting);
        Assert.Empty(holding);
        Assert.All(await Limiter.Count([.. limits.Keys]), count => Assert.Equal((0, 0), count));
        Assert.True(done > 50);
    }
}
