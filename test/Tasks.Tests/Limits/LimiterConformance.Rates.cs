using TasksBus.Limits;

namespace TasksBus.Tests.Limits;

/// <content>How many start in a time.</content>
public abstract partial class LimiterConformance
{
    [Fact]
    public async Task A_rate_spreads_the_starts_and_a_burst_may_start_at_once()
    {
        var limit = new Limit(MaxConcurrent: null, Interval: TimeSpan.FromSeconds(2), Burst: 2);
        var requests = Enumerable.Range(0, 4).Select(_ => Ask(Demand("task:a", limit))).ToList();

        var answers = new List<PermitAnswer>();
        foreach (var request in requests)
            answers.Add(await Limiter.Acquire(request));
        await Pass(answers[3].Grants.NextIn!.Value);
        var grants = (await Limiter.GrantDue()).Grants;

        Assert.Equal([PermitState.Granted, PermitState.Granted, PermitState.Waiting, PermitState.Waiting], answers.Select(answer => answer.State));
        Assert.InRange(answers[3].Grants.NextIn!.Value, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(2));
        Assert.Equal([requests[2].RunId], grants.Runs);
        Assert.NotNull(grants.NextIn);
    }

    [Fact]
    public async Task Those_who_end_while_they_wait_cost_a_rate_nothing()
    {
        var slow = new Limit(MaxConcurrent: null, Interval: TimeSpan.FromHours(1));
        var (first, second, third) = (Ask(Demand("task:a", slow)), Ask(Demand("task:a", slow)), Ask(Demand("task:a", slow)));
        foreach (var request in new[] { first, second, third })
            await Limiter.Acquire(request);
        await Limiter.Set("task:a", new Limit(MaxConcurrent: null, Interval: TimeSpan.FromMilliseconds(1), Burst: 2));
        await Pass(TimeSpan.FromMilliseconds(20));
        await Limiter.GrantDue();
        await Limiter.Set("task:a", limit: null);

        await Limiter.Leave(second.RunId);
        var before = (await Limiter.GrantDue()).Grants.NextIn;
        await Limiter.Leave(third.RunId);
        var next = await Limiter.Acquire(Ask(Demand("task:a", slow)));

        Assert.NotNull(before);
        Assert.Equal(PermitState.Waiting, next.State);
        Assert.InRange(next.Grants.NextIn!.Value, TimeSpan.Zero, TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task A_faster_rate_counts_at_once_although_the_slower_one_has_just_let_somebody_start()
    {
        var (first, second) = (Ask(Demand("task:a", new Limit(MaxConcurrent: null, Interval: TimeSpan.FromDays(1)))), Ask(Demand("task:a", One)));
        await Limiter.Acquire(first);

        await Limiter.Set("task:a", new Limit(MaxConcurrent: null, Interval: TimeSpan.FromMilliseconds(10)));
        var waits = await Limiter.Acquire(second);

        Assert.True(waits.State == PermitState.Granted || waits.Grants.NextIn <= TimeSpan.FromMilliseconds(10), $"{waits.State}, next in {waits.Grants.NextIn}");
    }

    [Fact]
    public async Task A_permit_under_which_nothing_has_begun_costs_a_rate_nothing()
    {
        var hourly = new Limit(MaxConcurrent: null, Interval: TimeSpan.FromHours(1));
        var (superfluous, begins, waits) = (Ask(Demand("task:a", hourly)), Ask(Demand("task:a", hourly)), Ask(Demand("task:a", hourly)));
        await Limiter.Acquire(superfluous);

        await Limiter.Return(superfluous.RunId, superfluous.Permit, hasBegun: false);
        var granted = await Limiter.Acquire(begins);
        await Limiter.Return(begins.RunId, begins.Permit, hasBegun: true);

        Assert.Equal((PermitState.Granted, PermitState.Waiting), (granted.State, (await Limiter.Acquire(waits)).State));
    }
}
