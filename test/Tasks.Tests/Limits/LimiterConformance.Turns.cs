using TasksBus.Limits;

namespace TasksBus.Tests.Limits;

/// <content>Whose turn it is.</content>
public abstract partial class LimiterConformance
{
    [Fact]
    public async Task Keys_get_their_turn_one_after_the_other_however_many_runs_each_has()
    {
        var holder = Ask(Demand("task:a", One));
        await Limiter.Acquire(holder);
        var many = Enumerable.Range(0, 4).Select(_ => Ask(Demand("task:a", One)) with { Key = "many" }).ToList();
        var few = Enumerable.Range(0, 2).Select(_ => Ask(Demand("task:a", One)) with { Key = "few" }).ToList();
        foreach (var request in many.Concat(few))
            await Limiter.Acquire(request);

        var keys = (await InTurn(holder, [.. many, .. few])).Select(request => request.Key).ToList();

        Assert.Equal(2, keys.Take(4).Count(key => key == "few"));
        Assert.Equal(["many", "many"], keys[4..]);
    }

    [Fact]
    public async Task A_higher_priority_comes_first_and_equal_ones_in_order_of_their_coming()
    {
        var holder = Ask(Demand("task:a", One));
        await Limiter.Acquire(holder);
        var requests = new[] { 0, 0, 9, 5, 9 }.Select(priority => Ask(Demand("task:a", One)) with { Priority = priority }).ToList();
        foreach (var request in requests)
            await Limiter.Acquire(request);

        var turns = await InTurn(holder, requests);

        Assert.Equal([requests[2], requests[4], requests[3], requests[0], requests[1]], turns);
    }

    [Fact]
    public async Task Those_who_do_not_come_for_their_permits_hold_up_nobody_under_another_limit()
    {
        await Limiter.Acquire(Ask(Demand("task:a", One)));
        for (var number = 0; number < 600; number++)
            await Limiter.Acquire(Ask(Demand("task:a", One)));
        await Limiter.Set("task:a", new Limit(MaxConcurrent: 1_000, Interval: null));
        for (var look = 0; look < 20; look++)
            await Limiter.GrantDue();
        var (holder, next) = (Ask(Demand("task:b", One)), Ask(Demand("task:b", One)));
        await Limiter.Acquire(holder);
        await Limiter.Acquire(next);

        var grants = await Limiter.Return(holder.RunId, holder.Permit, hasBegun: true);

        Assert.Contains(next.RunId, grants.Runs);
    }

    [Fact]
    public async Task While_nobody_comes_for_the_permits_of_a_rate_no_more_are_given_out_than_a_second_has()
    {
        var rate = new Limit(MaxConcurrent: null, Interval: TimeSpan.FromMilliseconds(200));
        for (var number = 0; number < 20; number++)
            await Limiter.Acquire(Ask(Demand("task:a", rate)));

        var granted = new HashSet<Guid>();
        for (var look = 0; look < 15; look++)
        {
            await Pass(TimeSpan.FromMilliseconds(200));
            granted.UnionWith((await Limiter.GrantDue()).Grants.Runs);
        }

        Assert.Equal(6, granted.Count);
    }

    /// <summary>Lets one after the other return its permit, and tells in which order they got theirs.</summary>
    private async Task<IReadOnlyList<PermitRequest>> InTurn(PermitRequest holder, List<PermitRequest> requests)
    {
        var turns = new List<PermitRequest>();
        while (turns.Count < requests.Count)
        {
            var grants = await Limiter.Return(holder.RunId, holder.Permit, hasBegun: true);
            holder = requests.Single(request => request.RunId == Assert.Single(grants.Runs));
            await Limiter.Acquire(holder);
            turns.Add(holder);
        }

        return turns;
    }
}
