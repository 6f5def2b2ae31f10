using TasksBus.Tracking;

namespace TasksBus.Tests.Tracking;

/// <summary>What taking a run back does, by what the run is doing.</summary>
public sealed class RevokingARunTests
{
    private readonly TrackedRun _run = new();

    [Theory]
    [InlineData(TaskState.Scheduled)]
    [InlineData(TaskState.Pending)]
    [InlineData(TaskState.Retrying)]
    public async Task A_run_that_waits_ends_at_once(TaskState waiting)
    {
        await RunStates.Bring(_run, waiting);

        await _run.Revoke("Not needed.");

        var run = await _run.Load();
        Assert.Equal((nameof(TaskState.Revoked), "Not needed."), (run.CurrentState, run.RevokeReason));
        Assert.Equal(_run.Clock.GetUtcNow(), run.FinishedAt);
    }

    [Fact]
    public async Task A_running_run_goes_on_until_its_worker_ends_it()
    {
        await RunStates.Bring(_run, TaskState.Running);

        await _run.Revoke();
        var meanwhile = await _run.State();
        var accepted = await _run.EndRevoked(token: 1);

        Assert.Equal((TaskState.Running, true, TaskState.Revoked), (meanwhile, accepted, await _run.State()));
    }

    [Fact]
    public async Task A_revocation_wins_over_a_retry()
    {
        await RunStates.Bring(_run, TaskState.Running);
        await _run.Revoke();

        var accepted = await _run.FailForNow(token: 1);

        Assert.Equal((true, TaskState.Revoked), (accepted, await _run.State()));
    }

    [Fact]
    public async Task A_revocation_wins_over_a_release()
    {
        await RunStates.Bring(_run, TaskState.Running);
        await _run.Revoke();

        var accepted = await _run.Release(token: 1);

        Assert.Equal((true, TaskState.Revoked), (accepted, await _run.State()));
    }

    [Fact]
    public async Task A_revocation_does_not_win_over_a_success()
    {
        await RunStates.Bring(_run, TaskState.Running);
        await _run.Revoke();

        var accepted = await _run.Succeed(token: 1);

        Assert.Equal((true, TaskState.Succeeded), (accepted, await _run.State()));
    }

    [Fact]
    public async Task A_revoked_run_whose_worker_died_is_not_run_again()
    {
        var message = await RunStates.Bring(_run, TaskState.Running);
        await _run.Revoke();
        _run.Clock.Advance(TrackedRun.Lease);

        var answer = await _run.Claim(message, "worker-2");

        Assert.Equal((ClaimAnswer.Over, TaskState.Revoked), (answer, await _run.State()));
    }

    [Fact]
    public async Task A_revoked_run_whose_worker_died_is_not_sent_again()
    {
        var message = await RunStates.Bring(_run, TaskState.Running);
        await _run.Claim(message, "worker-2");
        await _run.Revoke();
        _run.Clock.Advance(TrackedRun.Lease + TimeSpan.FromSeconds(1));

        var mustSend = await _run.BecomeDue();

        Assert.Equal((false, TaskState.Revoked), (mustSend, await _run.State()));
    }

    [Fact]
    public async Task The_first_reason_stays()
    {
        await RunStates.Bring(_run, TaskState.Running);

        await _run.Revoke("First.");
        await _run.Revoke("Second.");

        Assert.Equal("First.", (await _run.Load()).RevokeReason);
    }

    [Fact]
    public async Task A_run_that_has_handed_over_passes_it_on_each_time()
    {
        var workflow = Guid.NewGuid();
        await RunStates.Bring(_run, TaskState.Running);
        await _run.HandOver(token: 1, workflow);

        await _run.Revoke("Not needed.");
        await _run.Revoke("Really.");

        Assert.Equal([(workflow, "Not needed."), (workflow, "Really.")], _run.RevokedContinuations);
        Assert.Equal(TaskState.Succeeded, await _run.State());
    }

    [Fact]
    public async Task A_run_that_hands_over_all_the_same_passes_it_on_then()
    {
        var workflow = Guid.NewGuid();
        await RunStates.Bring(_run, TaskState.Running);
        await _run.Revoke("Not needed.");

        var isStale = !await _run.HandOver(token: 0, Guid.NewGuid());
        var isAccepted = await _run.HandOver(token: 1, workflow);

        Assert.Equal((true, true, TaskState.Succeeded), (isStale, isAccepted, await _run.State()));
        Assert.Equal([(workflow, "Not needed.")], _run.RevokedContinuations);
    }

    [Fact]
    public async Task A_run_that_has_ended_by_itself_passes_nothing_on()
    {
        await RunStates.Bring(_run, TaskState.Succeeded);

        await _run.Revoke();

        Assert.Empty(_run.RevokedContinuations);
    }

    [Theory]
    [InlineData(TaskState.Scheduled, false)]
    [InlineData(TaskState.Pending, true)]
    [InlineData(TaskState.Running, false)]
    [InlineData(TaskState.Retrying, false)]
    public async Task Purging_a_queue_revokes_only_what_still_waits_in_it(TaskState state, bool isPurged)
    {
        var run = new TrackedRun();
        await RunStates.Bring(run, state);

        var wasPurged = await run.Purge("wrong tenant");

        Assert.Equal((isPurged, isPurged ? TaskState.Revoked : state), (wasPurged, await run.State()));
        Assert.Equal(isPurged ? "wrong tenant" : null, (await run.Load()).RevokeReason);
        Assert.False(!isPurged && (await run.Load()).RevokeRequested);
    }
}
