using TasksBus.Limits;

namespace TasksBus.Tests.Limits;

/// <content>Permits of attempts that die, or are taken over.</content>
public abstract partial class LimiterConformance
{
    [Fact]
    public async Task A_permit_that_is_not_renewed_becomes_free_by_itself()
    {
        var dead = Ask(Demand("task:a", One)) with { Lease = TimeSpan.FromSeconds(3) };
        var next = Ask(Demand("task:a", One));
        await Limiter.Acquire(dead);
        var waits = await Limiter.Acquire(next);

        await Pass(waits.Grants.NextIn!.Value);
        var grants = (await Limiter.GrantDue()).Grants;

        Assert.InRange(waits.Grants.NextIn.Value, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(3));
        Assert.Equal([next.RunId], grants.Runs);
        Assert.Empty((await Limiter.Return(dead.RunId, dead.Permit, hasBegun: true)).Runs);
        Assert.Equal((1, 0), (await Limiter.Count(["task:a"]))[0]);
    }

    [Fact]
    public async Task A_permit_that_was_reserved_becomes_free_by_itself_once_its_attempt_has_died()
    {
        var (first, dies, next) = (Ask(Demand("task:a", One)), Ask(Demand("task:a", One)) with { Lease = TimeSpan.FromSeconds(3) }, Ask(Demand("task:a", One)));
        foreach (var request in new[] { first, dies, next })
            await Limiter.Acquire(request);
        await Limiter.Return(first.RunId, first.Permit, hasBegun: true);

        var comes = await Limiter.Acquire(dies);
        await Pass(comes.Grants.NextIn!.Value);
        var grants = (await Limiter.GrantDue()).Grants;

        Assert.InRange(comes.Grants.NextIn.Value, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(3));
        Assert.Equal([next.RunId], grants.Runs);
    }

    [Fact]
    public async Task A_run_with_a_permit_gets_no_second_one_unless_it_takes_the_first_over()
    {
        var first = Ask(Demand("task:a", One));
        var again = first with { Permit = Guid.NewGuid() };
        await Limiter.Acquire(first);

        var held = await Limiter.Acquire(again);
        var takenOver = await Limiter.Acquire(again with { TakesOver = true });
        await Limiter.Return(first.RunId, first.Permit, hasBegun: true);

        Assert.Equal((PermitState.Held, PermitState.Granted), (held.State, takenOver.State));
        Assert.Equal((1, 0), (await Limiter.Count(["task:a"]))[0]);
        Assert.False(await Limiter.Renew(first.RunId, first.Permit, Lease));
        Assert.True(await Limiter.Renew(again.RunId, again.Permit, Lease));
    }

    [Fact]
    public async Task An_attempt_that_runs_already_gets_its_permit_and_newcomers_wait_for_it()
    {
        var (first, lost) = (Ask(Demand("task:a", One)), Ask(Demand("task:a", One)));
        await Limiter.Acquire(first);
        await Limiter.Acquire(lost);

        var held = await Limiter.Acquire(lost with { TakesOver = true });
        var afterOne = await Limiter.Return(first.RunId, first.Permit, hasBegun: true);
        var newcomer = await Limiter.Acquire(Ask(Demand("task:a", One)));

        Assert.Equal(PermitState.Granted, held.State);
        Assert.Empty(afterOne.Runs);
        Assert.Equal(PermitState.Waiting, newcomer.State);
    }
}
