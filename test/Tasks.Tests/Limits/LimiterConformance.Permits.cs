using TasksBus.Limits;

namespace TasksBus.Tests.Limits;

/// <content>How many have a permit, and who gets the next.</content>
public abstract partial class LimiterConformance
{
    [Fact]
    public async Task No_more_get_a_permit_than_the_limit_allows()
    {
        var limit = new Limit(MaxConcurrent: 2, Interval: null);

        var states = new List<PermitState>();
        for (var i = 0; i < 4; i++)
            states.Add((await Limiter.Acquire(Ask(Demand("task:a", limit)))).State);

        Assert.Equal([PermitState.Granted, PermitState.Granted, PermitState.Waiting, PermitState.Waiting], states);
        Assert.Equal((2, 2), (await Limiter.Count(["task:a"]))[0]);
    }

    [Fact]
    public async Task A_permit_that_is_returned_goes_to_the_first_in_the_line_before_any_newcomer()
    {
        var first = Ask(Demand("task:a", One));
        var (second, third) = (Ask(Demand("task:a", One)), Ask(Demand("task:a", One)));
        await Limiter.Acquire(first);
        await Limiter.Acquire(second);

        var grants = await Limiter.Return(first.RunId, first.Permit, hasBegun: true);
        var newcomer = await Limiter.Acquire(third);
        var comes = await Limiter.Acquire(second);

        Assert.Equal([second.RunId], grants.Runs);
        Assert.Equal((PermitState.Waiting, "task:a"), (newcomer.State, newcomer.WaitsFor));
        Assert.Equal(PermitState.Granted, comes.State);
    }

    [Fact]
    public async Task Asking_again_while_waiting_keeps_the_place()
    {
        var first = Ask(Demand("task:a", One));
        var (second, third) = (Ask(Demand("task:a", One)), Ask(Demand("task:a", One)));
        foreach (var request in new[] { first, second, third, second })
            await Limiter.Acquire(request);

        var grants = await Limiter.Return(first.RunId, first.Permit, hasBegun: true);

        Assert.Equal([second.RunId], grants.Runs);
        Assert.Equal((1, 1), (await Limiter.Count(["task:a"]))[0]);
    }

    [Fact]
    public async Task Who_leaves_the_line_is_not_granted_anything()
    {
        var (first, second, third) = (Ask(Demand("task:a", One)), Ask(Demand("task:a", One)), Ask(Demand("task:a", One)));
        foreach (var request in new[] { first, second, third })
            await Limiter.Acquire(request);

        await Limiter.Leave(second.RunId);
        var grants = await Limiter.Return(first.RunId, first.Permit, hasBegun: true);

        Assert.Equal([third.RunId], grants.Runs);
    }

    [Fact]
    public async Task A_run_that_does_not_come_for_its_permit_is_named_again_and_can_leave()
    {
        var (first, second, third) = (Ask(Demand("task:a", One)), Ask(Demand("task:a", One)), Ask(Demand("task:a", One)));
        foreach (var request in new[] { first, second, third })
            await Limiter.Acquire(request);
        var grants = await Limiter.Return(first.RunId, first.Permit, hasBegun: true);

        await Pass(grants.NextIn!.Value);
        var reminders = (await Limiter.GrantDue()).Reminders;
        var afterwards = await Limiter.Leave(second.RunId);

        Assert.Equal([second.RunId], reminders);
        Assert.Equal([third.RunId], afterwards.Runs);
    }

    [Fact]
    public async Task A_run_that_is_over_cannot_take_the_permit_of_an_attempt_along()
    {
        var (running, next) = (Ask(Demand("task:a", One)), Ask(Demand("task:a", One)));
        await Limiter.Acquire(running);
        await Limiter.Acquire(next);

        var grants = await Limiter.Leave(running.RunId);

        Assert.Empty(grants.Runs);
        Assert.Equal((1, 1), (await Limiter.Count(["task:a"]))[0]);
    }

    [Theory]
    [InlineData(50)]
    [InlineData(51)]
    [InlineData(700)]
    public async Task When_a_limit_is_lifted_all_who_wait_get_their_turn_and_nothing_is_left_to_do(int count)
    {
        var holder = Ask(Demand("task:a", One));
        await Limiter.Acquire(holder);
        var waiting = Enumerable.Range(0, count).Select(_ => Ask(Demand("task:a", One))).ToDictionary(request => request.RunId);
        foreach (var request in waiting.Values)
            await Limiter.Acquire(request);

        await Limiter.Set("task:a", new Limit(MaxConcurrent: null, Interval: null));
        LimitGrants grants;
        do
        {
            grants = (await Limiter.GrantDue()).Grants;
            var runs = new Queue<Guid>(grants.Runs);
            while (runs.TryDequeue(out var run))
            {
                Assert.True(waiting.Remove(run, out var request));
                await Limiter.Acquire(request);
                foreach (var next in (await Limiter.Return(run, request.Permit, hasBegun: true)).Runs)
                    runs.Enqueue(next);
            }

            await Pass(grants.NextIn ?? TimeSpan.Zero);
        }
        while (grants.NextIn is not null);

        Assert.Empty(waiting);
        Assert.Equal((1, 0), (await Limiter.Count(["task:a"]))[0]);
    }
}
