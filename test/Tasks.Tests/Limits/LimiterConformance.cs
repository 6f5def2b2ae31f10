using TasksBus.Limits;

namespace TasksBus.Tests.Limits;

/// <summary>What every <see cref="ILimiter"/> must do.</summary>
public abstract class LimiterConformance : IAsyncLifetime
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);
    private static readonly Limit One = new(MaxConcurrent: 1, Interval: null);

    protected ILimiter Limiter { get; private set; } = null!;

    public async Task InitializeAsync() => Limiter = await Start();

    public abstract Task DisposeAsync();

    protected abstract Task<ILimiter> Start();

    /// <summary>Lets time pass for the limiter.</summary>
    protected abstract Task Pass(TimeSpan time);

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

        var grants = await Limiter.Return(first.RunId, first.Permit);
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

        var grants = await Limiter.Return(first.RunId, first.Permit);

        Assert.Equal([second.RunId], grants.Runs);
        Assert.Equal((1, 1), (await Limiter.Count(["task:a"]))[0]);
    }

    [Fact]
    public async Task A_run_with_a_permit_gets_no_second_one_unless_it_takes_the_first_over()
    {
        var first = Ask(Demand("task:a", One));
        var again = first with { Permit = Guid.NewGuid() };
        await Limiter.Acquire(first);

        var held = await Limiter.Acquire(again);
        var takenOver = await Limiter.Acquire(again with { TakesOver = true });
        await Limiter.Return(first.RunId, first.Permit);

        Assert.Equal((PermitState.Held, PermitState.Granted), (held.State, takenOver.State));
        Assert.Equal((1, 0), (await Limiter.Count(["task:a"]))[0]);
        Assert.False(await Limiter.Renew(first.RunId, first.Permit, Lease));
        Assert.True(await Limiter.Renew(again.RunId, again.Permit, Lease));
    }

    [Fact]
    public async Task A_permit_that_is_not_renewed_becomes_free_by_itself()
    {
        var dead = Ask(Demand("task:a", One)) with { Lease = TimeSpan.FromMilliseconds(300) };
        var next = Ask(Demand("task:a", One));
        await Limiter.Acquire(dead);
        var waits = await Limiter.Acquire(next);

        await Pass(waits.Grants.NextIn!.Value);
        var grants = await Limiter.GrantDue();

        Assert.InRange(waits.Grants.NextIn.Value, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(300));
        Assert.Equal([next.RunId], grants.Runs);
        Assert.Empty((await Limiter.Return(dead.RunId, dead.Permit)).Runs);
        Assert.Equal((1, 0), (await Limiter.Count(["task:a"]))[0]);
    }

    [Fact]
    public async Task A_permit_that_was_reserved_becomes_free_by_itself_once_its_attempt_has_died()
    {
        var (first, dies, next) = (Ask(Demand("task:a", One)), Ask(Demand("task:a", One)) with { Lease = TimeSpan.FromMilliseconds(300) }, Ask(Demand("task:a", One)));
        foreach (var request in new[] { first, dies, next })
            await Limiter.Acquire(request);
        await Limiter.Return(first.RunId, first.Permit);

        var comes = await Limiter.Acquire(dies);
        await Pass(comes.Grants.NextIn!.Value);
        var grants = await Limiter.GrantDue();

        Assert.InRange(comes.Grants.NextIn.Value, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(300));
        Assert.Equal([next.RunId], grants.Runs);
    }

    [Fact]
    public async Task A_rate_spreads_the_starts_and_a_burst_may_start_at_once()
    {
        var limit = new Limit(MaxConcurrent: null, Interval: TimeSpan.FromSeconds(2), Burst: 2);
        var requests = Enumerable.Range(0, 4).Select(_ => Ask(Demand("task:a", limit))).ToList();

        var answers = new List<PermitAnswer>();
        foreach (var request in requests)
            answers.Add(await Limiter.Acquire(request));
        await Pass(answers[3].Grants.NextIn!.Value);
        var grants = await Limiter.GrantDue();

        Assert.Equal([PermitState.Granted, PermitState.Granted, PermitState.Waiting, PermitState.Waiting], answers.Select(answer => answer.State));
        Assert.InRange(answers[3].Grants.NextIn!.Value, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(2));
        Assert.Equal([requests[2].RunId], grants.Runs);
        Assert.NotNull(grants.NextIn);
    }

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
        var grants = await Limiter.Return(busy.RunId, busy.Permit);

        Assert.Equal((PermitState.Waiting, "key:a\nacme"), (waits.State, waits.WaitsFor));
        Assert.Equal(PermitState.Granted, runs.State);
        Assert.Equal([sameKey.RunId], grants.Runs);
        Assert.Equal([(2, 0), (1, 0), (1, 0)], await Limiter.Count(["task:a", "key:a\nacme", "key:a\nmega"]));
    }

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
    public async Task A_run_that_does_not_come_for_its_permit_is_named_again_and_can_leave()
    {
        var (first, second, third) = (Ask(Demand("task:a", One)), Ask(Demand("task:a", One)), Ask(Demand("task:a", One)));
        foreach (var request in new[] { first, second, third })
            await Limiter.Acquire(request);
        var grants = await Limiter.Return(first.RunId, first.Permit);

        await Pass(grants.NextIn!.Value);
        var reminders = (await Limiter.GrantDue()).Reminders;
        var afterwards = await Limiter.Leave(second.RunId);

        Assert.Equal([second.RunId], reminders);
        Assert.Equal([third.RunId], afterwards.Runs);
    }

    [Fact]
    public async Task Who_leaves_the_line_is_not_granted_anything()
    {
        var (first, second, third) = (Ask(Demand("task:a", One)), Ask(Demand("task:a", One)), Ask(Demand("task:a", One)));
        foreach (var request in new[] { first, second, third })
            await Limiter.Acquire(request);

        await Limiter.Leave(second.RunId);
        var grants = await Limiter.Return(first.RunId, first.Permit);

        Assert.Equal([third.RunId], grants.Runs);
    }

    [Fact]
    public async Task What_is_set_wins_over_what_is_asked_for_until_it_is_forgotten()
    {
        var requests = Enumerable.Range(0, 3).Select(_ => Ask(Demand("task:a", One))).ToList();
        await Limiter.Acquire(requests[0]);
        await Limiter.Acquire(requests[1]);
        var before = (await Limiter.GrantDue()).SettingsVersion;

        await Limiter.Set("task:a", new Limit(MaxConcurrent: 2, Interval: TimeSpan.FromSeconds(0.5), Burst: 7));
        var settings = await Limiter.Settings();
        var raised = await Limiter.GrantDue();
        await Limiter.Set("task:a", limit: null);
        var lowered = await Limiter.Acquire(requests[2]);

        Assert.Equal(new Limit(2, TimeSpan.FromSeconds(0.5), 7), settings["task:a"]);
        Assert.Equal([requests[1].RunId], raised.Runs);
        Assert.True(raised.SettingsVersion > before);
        Assert.Equal(PermitState.Waiting, lowered.State);
        Assert.Empty(await Limiter.Settings());
    }

    [Fact]
    public async Task What_is_set_for_a_family_counts_for_its_members_unless_something_is_set_for_them()
    {
        await Limiter.Set("keys:a", new Limit(MaxConcurrent: 1, Interval: null));
        await Limiter.Set("key:a\nbig", new Limit(MaxConcurrent: 2, Interval: null));
        var unlimited = new Limit(MaxConcurrent: null, Interval: null);

        var states = new List<PermitState>();
        foreach (var key in new[] { "small", "small", "big", "big", "big" })
            states.Add((await Limiter.Acquire(Ask(new LimitDemand("key:a\n" + key, "keys:a", unlimited)))).State);

        Assert.Equal([PermitState.Granted, PermitState.Waiting, PermitState.Granted, PermitState.Granted, PermitState.Waiting], states);
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

    [Fact]
    public async Task An_attempt_that_runs_already_gets_its_permit_and_newcomers_wait_for_it()
    {
        var (first, lost) = (Ask(Demand("task:a", One)), Ask(Demand("task:a", One)));
        await Limiter.Acquire(first);
        await Limiter.Acquire(lost);

        var held = await Limiter.Acquire(lost with { TakesOver = true });
        var afterOne = await Limiter.Return(first.RunId, first.Permit);
        var newcomer = await Limiter.Acquire(Ask(Demand("task:a", One)));

        Assert.Equal(PermitState.Granted, held.State);
        Assert.Empty(afterOne.Runs);
        Assert.Equal(PermitState.Waiting, newcomer.State);
    }

    [Fact]
    public async Task A_run_that_comes_for_its_permit_under_other_limits_asks_afresh()
    {
        var (first, second) = (Ask(Demand("task:a", One)), Ask(Demand("task:a", One)));
        var busy = Ask(Demand("queue:q", One));
        foreach (var request in new[] { first, second, busy })
            await Limiter.Acquire(request);
        await Limiter.Return(first.RunId, first.Permit);

        var comes = await Limiter.Acquire(second with { Demands = [Demand("task:a", One), Demand("queue:q", One)] });

        Assert.Equal((PermitState.Waiting, "queue:q"), (comes.State, comes.WaitsFor));
        Assert.Equal([(0, 0), (1, 1)], await Limiter.Count(["task:a", "queue:q"]));
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

        var before = (await Limiter.Leave(second.RunId)).NextIn;
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
            grants = await Limiter.GrantDue();
            var runs = new Queue<Guid>(grants.Runs);
            while (runs.TryDequeue(out var run))
            {
                Assert.True(waiting.Remove(run, out var request));
                await Limiter.Acquire(request);
                foreach (var next in (await Limiter.Return(run, request.Permit)).Runs)
                    runs.Enqueue(next);
            }

            await Pass(grants.NextIn ?? TimeSpan.Zero);
        }
        while (grants.NextIn is not null);

        Assert.Empty(waiting);
        Assert.Equal((1, 0), (await Limiter.Count(["task:a"]))[0]);
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
                grants = await Limiter.Return(holding[index].RunId, holding[index].Permit);
                holding.RemoveAt(index);
                done++;
            }
            else
            {
                grants = await Limiter.GrantDue();
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

    private static PermitRequest Ask(params IReadOnlyList<LimitDemand> demands) => new(Guid.CreateVersion7(), Guid.NewGuid(), demands, Lease);

    private static LimitDemand Demand(string name, Limit limit) => new(name, Family: null, limit);

    /// <summary>Lets one after the other return its permit, and tells in which order they got theirs.</summary>
    private async Task<IReadOnlyList<PermitRequest>> InTurn(PermitRequest holder, List<PermitRequest> requests)
    {
        var turns = new List<PermitRequest>();
        while (turns.Count < requests.Count)
        {
            var grants = await Limiter.Return(holder.RunId, holder.Permit);
            holder = requests.Single(request => request.RunId == Assert.Single(grants.Runs));
            await Limiter.Acquire(holder);
            turns.Add(holder);
        }

        return turns;
    }
}
