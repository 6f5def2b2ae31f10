using TasksBus.Tracking;

namespace TasksBus.Tests.Tracking;

/// <summary>A run belongs to one worker as long as that one renews its lease.</summary>
public sealed class LeaseTests
{
    [Fact]
    public async Task A_run_of_a_lost_worker_that_must_wait_for_a_limit_is_not_forgotten()
    {
        var run = new TrackedRun();
        await RunStates.Bring(run, TaskState.Running);
        run.Clock.Advance(TimeSpan.FromHours(1));

        await run.ReachLimit();
        var waiting = await run.Load();
        run.Clock.Advance(TimeSpan.FromMinutes(20));
        var isSentAgain = await run.BecomeDue();

        Assert.Equal(("Pending", "task:a", 1), (waiting.CurrentState, waiting.WaitsFor, waiting.LostWorkers));
        Assert.True(isSentAgain);
    }

    [Fact]
    public async Task A_worker_that_was_given_up_writes_nothing_any_more_though_no_other_has_taken_its_place()
    {
        var run = new TrackedRun();
        await RunStates.Bring(run, TaskState.Running);
        var token = (await run.Load()).FencingToken;
        run.Clock.Advance(TimeSpan.FromHours(1));

        await run.Revoke();
        var written = await run.Store.WriteField(run.Id, TaskFields.Data, "1"u8.ToArray(), token);

        Assert.Equal((TaskState.Revoked, false), (await run.State(), written));
    }

    [Fact]
    public async Task A_late_word_of_a_limit_leaves_a_retry_its_instant()
    {
        var run = new TrackedRun();
        await RunStates.Bring(run, TaskState.Retrying);
        var before = (await run.Load()).NextAttemptAt;

        await run.ReachLimit();

        Assert.Equal(before, (await run.Load()).DueAt);
    }

    private readonly TrackedRun _run = new();

    [Fact]
    public async Task A_claim_is_parked_while_another_worker_holds_the_lease()
    {
        var message = await _run.Submit();
        await _run.Claim(message, "worker-1");

        var answer = await _run.Claim(message, "worker-2");

        var run = await _run.Load();
        Assert.Equal((ClaimAnswer.Parked, "worker-1", 1L), (answer, run.Worker, run.FencingToken));
    }

    [Fact]
    public async Task A_parked_run_is_looked_at_again_soon_for_its_worker_may_have_died()
    {
        var message = await _run.Submit();
        await _run.Claim(message);
        _run.Clock.Advance(TimeSpan.FromSeconds(5));

        await _run.Claim(message, "worker-2");

        var run = await _run.Load();
        Assert.InRange(run.DueAt!.Value - _run.Clock.GetUtcNow(), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        Assert.NotNull(run.Arguments);
    }

    [Fact]
    public async Task A_leased_run_whose_second_message_meets_a_new_limit_is_sent_again_once_its_worker_gives_it_back()
    {
        var message = await _run.Submit();
        await _run.Claim(message);

        var waits = await _run.ReachLimit(message);
        await _run.Release(token: 1);

        Assert.False(waits);
        Assert.True(await _run.BecomeDue());
    }

    [Fact]
    public async Task A_run_that_is_sent_a_moment_before_its_instant_and_meets_a_limit_waits_for_its_permit_alone()
    {
        var message = await _run.Submit(delay: TimeSpan.FromMilliseconds(5)) with { SentVersion = 2 };

        var waits = await _run.ReachLimit(message);

        Assert.True(waits);
        Assert.True((await _run.Load()).DueAt > _run.Clock.GetUtcNow() + TimeSpan.FromMinutes(5));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_is_claimed_a_moment_before_its_instant_if_whoever_has_sent_it_says_so_and_starts_at_it(bool isAhead)
    {
        var message = _run.Message(delay: TimeSpan.FromMilliseconds(8)) with { IsAhead = isAhead };
        await _run.Record(message);

        Assert.Equal(isAhead ? ClaimAnswer.Granted : ClaimAnswer.Parked, await _run.Claim(message));
        Assert.Equal(isAhead ? message.NotBefore : null, (await _run.Load()).StartedAt);
    }

    [Fact]
    public async Task A_run_that_has_lost_too_many_workers_is_not_taken_over_again()
    {
        _run.Options.MaxLostWorkers = 2;
        var message = await _run.Submit();
        await _run.Claim(message, "worker-1");
        _run.Clock.Advance(TrackedRun.Lease);
        var second = await _run.Claim(message, "worker-2");
        var stateOfSecond = await _run.State();
        _run.Clock.Advance(TrackedRun.Lease);

        var answer = await _run.Claim(message, "worker-3");

        var run = await _run.Load();
        Assert.Equal((ClaimAnswer.Granted, TaskState.Running), (second, stateOfSecond));
        Assert.Equal((ClaimAnswer.Over, TaskState.Failed, FailureKind.WorkerLost, 2), (answer, await _run.State(), run.FailureKind, run.LostWorkers));
        Assert.Contains("worker-2", run.Error!.Message, StringComparison.Ordinal);
        Assert.NotNull(run.Arguments);
    }

    [Fact]
    public async Task A_run_whose_worker_is_silent_becomes_due_at_once()
    {
        var message = await _run.Submit();
        await _run.Claim(message, "worker-1");
        _run.Clock.Advance(TrackedRun.Lease);

        await _run.LoseHolder();

        Assert.Equal(_run.Clock.GetUtcNow(), (await _run.Load()).DueAt);
        Assert.True(await _run.BecomeDue());
    }

    [Fact]
    public async Task A_run_whose_worker_has_come_back_stays_with_it()
    {
        var message = await _run.Submit();
        await _run.Claim(message, "worker-1");

        await _run.LoseHolder();

        Assert.Null((await _run.Load()).DueAt);
    }

    [Fact]
    public async Task A_worker_takes_the_run_over_once_the_lease_is_over()
    {
        var message = await _run.Submit();
        await _run.Claim(message, "worker-1");
        _run.Clock.Advance(TrackedRun.Lease);

        var answer = await _run.Claim(message, "worker-2");

        var run = await _run.Load();
        Assert.Equal((ClaimAnswer.Granted, "worker-2"), (answer, run.Worker));
        Assert.Equal([1, 1], run.Attempts.Select(attempt => attempt.Number));
        Assert.Contains("worker-1", run.Attempts[0].Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lease_does_not_get_longer_by_what_others_do_to_the_run()
    {
        var message = await _run.Submit();
        await _run.Claim(message, "worker-1");
        _run.Clock.Advance(TrackedRun.Lease - TimeSpan.FromSeconds(1));

        await _run.Claim(message, "worker-2");
        await _run.BecomeDue();
        _run.Clock.Advance(TimeSpan.FromSeconds(1));
        await _run.BecomeDue();

        Assert.Equal(ClaimAnswer.Granted, await _run.Claim(message, "worker-2"));
    }

    [Fact]
    public async Task The_fencing_token_grows_with_every_claim()
    {
        var message = await _run.Submit();

        await _run.Claim(message, "worker-1");
        var first = (await _run.Load()).FencingToken;
        _run.Clock.Advance(TrackedRun.Lease);
        await _run.Claim(message, "worker-2");
        var afterTakeover = (await _run.Load()).FencingToken;
        await _run.FailForNow(afterTakeover, TimeSpan.Zero);
        await _run.Claim(message, "worker-3");
        var afterRetry = (await _run.Load()).FencingToken;

        Assert.Equal((1, 2, 3), (first, afterTakeover, afterRetry));
    }

    [Fact]
    public async Task An_attempt_that_was_taken_over_can_record_nothing()
    {
        var message = await _run.Submit();
        await _run.Claim(message, "worker-1");
        _run.Clock.Advance(TrackedRun.Lease);
        await _run.Claim(message, "worker-2");
        var before = await _run.LoadDocument();

        bool[] accepted = [await _run.Succeed(token: 1), await _run.Fail(1), await _run.FailForNow(1), await _run.Release(1), await _run.EndRevoked(1)];

        Assert.DoesNotContain(true, accepted);
        Assert.Equal(before, await _run.LoadDocument());
    }

    [Fact]
    public async Task A_released_run_whose_message_came_twice_is_sent_again()
    {
        var message = await _run.Submit();
        await _run.Claim(message, "worker-1");
        await _run.Claim(message, "worker-2");

        await _run.Release(token: 1);

        Assert.Equal(_run.Clock.GetUtcNow(), (await _run.Load()).DueAt);
        Assert.True(await _run.BecomeDue());
    }
}
