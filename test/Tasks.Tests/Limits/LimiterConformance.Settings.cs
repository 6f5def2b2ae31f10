using TasksBus.Limits;

namespace TasksBus.Tests.Limits;

/// <content>What was set while the workers run.</content>
public abstract partial class LimiterConformance
{
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
        Assert.Equal([requests[1].RunId], raised.Grants.Runs);
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
}
