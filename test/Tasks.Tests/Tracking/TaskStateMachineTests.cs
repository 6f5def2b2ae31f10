using TasksBus.Client;
using TasksBus.Tracking;

namespace TasksBus.Tests.Tracking;

/// <summary>Who may do what with a run, and when.</summary>
public sealed class TaskStateMachineTests
{
    private readonly TrackedRun _run = new();

    [Fact]
    public async Task A_submitted_run_is_pending_until_it_is_claimed()
    {
        var message = await _run.Submit();

        var before = await _run.State();
        var answer = await _run.Claim(message);

        Assert.Equal((TaskState.Pending, ClaimAnswer.Granted, TaskState.Running), (before, answer, await _run.State()));
    }

    [Fact]
    public async Task A_claim_that_overtakes_the_submission_records_the_run()
    {
        var message = _run.Message();

        var answer = await _run.ClaimUnread(message);

        Assert.Equal((ClaimAnswer.Granted, TaskState.Running), (answer, await _run.State()));
    }

    [Fact]
    public async Task A_submission_after_the_claim_changes_nothing()
    {
        await _run.ClaimUnread(_run.Message());
        var before = await _run.LoadDocument();

        await _run.Submit();
        await _run.Raise(_run.Machine.Submitted, _run.Message());

        Assert.Equal(before, await _run.LoadDocument());
    }

    [Fact]
    public async Task A_released_attempt_does_not_count()
    {
        var message = await _run.Submit();
        await _run.Claim(message);

        var accepted = await _run.Release(token: 1);
        var released = await _run.Load();
        await _run.Claim(message, "worker-2");

        Assert.True(accepted);
        Assert.Equal((nameof(TaskState.Pending), 0), (released.CurrentState, released.Attempt));
        Assert.Equal((1, 2L), ((await _run.Load()).Attempt, (await _run.Load()).FencingToken));
    }

    [Theory]
    [InlineData(TaskState.Succeeded)]
    [InlineData(TaskState.Failed)]
    [InlineData(TaskState.Revoked)]
    [InlineData(TaskState.Expired)]
    public async Task A_claim_of_a_final_run_is_refused(TaskState final)
    {
        var message = await RunStates.Bring(_run, final);

        var answer = await _run.Claim(message);

        Assert.Equal((ClaimAnswer.Over, final), (answer, await _run.State()));
    }

    [Fact]
    public async Task A_claim_after_the_expiry_ends_the_run_as_expired()
    {
        var message = await _run.Submit(expiresIn: TimeSpan.FromSeconds(1));
        _run.Clock.Advance(TimeSpan.FromSeconds(1));

        var answer = await _run.Claim(message);

        Assert.Equal((ClaimAnswer.Over, TaskState.Expired), (answer, await _run.State()));
    }

    [Fact]
    public async Task A_claim_of_a_delayed_run_after_its_expiry_ends_it_as_expired()
    {
        var message = await _run.Submit(delay: TimeSpan.FromSeconds(1), expiresIn: TimeSpan.FromSeconds(2));
        _run.Clock.Advance(TimeSpan.FromSeconds(3));

        var answer = await _run.Claim(message);

        Assert.Equal((ClaimAnswer.Over, TaskState.Expired), (answer, await _run.State()));
    }

    [Fact]
    public async Task A_run_that_has_started_in_time_no_longer_expires()
    {
        var message = await _run.Submit(expiresIn: TimeSpan.FromSeconds(1));
        await _run.Claim(message);
        await _run.FailForNow(token: 1, TimeSpan.FromSeconds(10));
        _run.Clock.Advance(TimeSpan.FromSeconds(10));

        var answer = await _run.Claim(message);

        Assert.Equal(ClaimAnswer.Granted, answer);
    }

    [Theory]
    [InlineData(TaskState.Scheduled)]
    [InlineData(TaskState.Retrying)]
    public async Task A_claim_before_its_time_is_parked_until_then(TaskState waiting)
    {
        var message = await RunStates.Bring(_run, waiting);
        var due = (await _run.Load()).DueAt;

        var answer = await _run.Claim(message);

        Assert.Equal((ClaimAnswer.Parked, waiting), (answer, await _run.State()));
        Assert.Equal(due, (await _run.Load()).DueAt);
    }

    [Fact]
    public async Task A_run_that_was_sent_but_not_confirmed_is_due_again()
    {
        await _run.Submit(delay: TimeSpan.FromSeconds(1));
        _run.Clock.Advance(TimeSpan.FromSeconds(1));

        var mustSend = await _run.BecomeDue();
        var unconfirmed = (await _run.Load()).DueAt;
        await _run.ConfirmSent();

        Assert.True(mustSend);
        Assert.Equal(_run.Clock.GetUtcNow(), unconfirmed);
        Assert.Null((await _run.Load()).DueAt);
    }

    [Fact]
    public async Task A_run_that_a_clock_far_ahead_has_sent_too_early_comes_again_later_by_that_clock()
    {
        await RunStates.Bring(_run, TaskState.Scheduled);
        var before = await _run.Load();
        var early = before.DueAt!.Value - _run.Clock.GetUtcNow();

        var answer = await _run.Claim(RunMessage.From(before));
        await _run.ConfirmSent(new RunSent(_run.Id, before.FencingToken, before.DueAt));

        Assert.Equal((ClaimAnswer.Parked, TaskState.Scheduled), (answer, await _run.State()));
        Assert.Equal(before.DueAt + early, (await _run.Load()).DueAt);
    }

    [Fact]
    public async Task A_confirmation_that_comes_after_the_next_attempt_has_failed_does_not_keep_the_run_from_being_sent_again()
    {
        var message = await _run.Submit(delay: TimeSpan.FromSeconds(1));
        _run.Clock.Advance(TimeSpan.FromSeconds(1));
        await _run.BecomeDue();
        await _run.Claim(message);
        await _run.FailForNow(token: 1);

        await _run.ConfirmSent();

        Assert.Equal((await _run.Load()).NextAttemptAt, (await _run.Load()).DueAt);
    }

    [Fact]
    public async Task A_confirmation_that_comes_after_the_run_was_parked_again_does_not_keep_it_from_being_sent_again()
    {
        var message = await _run.Submit();
        await _run.Claim(message);
        await _run.Claim(message, "worker-2");
        _run.Clock.Advance(TrackedRun.Lease + TimeSpan.FromSeconds(1));
        await _run.BecomeDue();
        await _run.Store.RenewLease(_run.Id, 1, TrackedRun.Lease);
        await _run.Claim(message, "worker-2");
        var parked = (await _run.Load()).DueAt;

        await _run.ConfirmSent();

        Assert.NotNull(parked);
        Assert.Equal(parked, (await _run.Load()).DueAt);
    }

    [Fact]
    public async Task A_run_that_was_given_back_after_its_expiry_goes_on()
    {
        var message = await _run.Submit(expiresIn: TimeSpan.FromMinutes(10));
        await _run.Claim(message);
        _run.Clock.Advance(TimeSpan.FromHours(1));
        await _run.Release(token: 1);

        var answer = await _run.Claim(message, "worker-2");

        Assert.Equal((ClaimAnswer.Granted, TaskState.Running), (answer, await _run.State()));
    }

    [Fact]
    public async Task A_running_run_that_another_worker_cannot_run_is_looked_at_again_when_its_lease_is_over()
    {
        var message = await _run.Submit();
        await _run.Claim(message);

        await _run.Refuse();

        Assert.Equal(TaskState.Running, await _run.State());
        Assert.NotNull((await _run.Load()).DueAt);
    }

    [Fact]
    public async Task A_lost_run_that_was_sent_again_is_not_sent_once_more_while_it_waits_in_its_queue()
    {
        var message = await _run.Submit();
        await _run.Claim(message);
        await _run.Claim(message, "worker-2");
        _run.Clock.Advance(TrackedRun.Lease + TimeSpan.FromSeconds(1));
        await _run.BecomeDue();

        await _run.ConfirmSent();

        Assert.Null((await _run.Load()).DueAt);
    }

    [Fact]
    public async Task A_run_whose_worker_is_lost_can_be_revoked_at_once()
    {
        var message = await _run.Submit();
        await _run.Claim(message);
        _run.Clock.Advance(TrackedRun.Lease);

        await _run.Revoke();

        Assert.Equal(TaskState.Revoked, await _run.State());
    }

    [Fact]
    public async Task The_history_of_attempts_is_bounded()
    {
        _run.AttemptHistory = 3;
        var message = await _run.Submit();

        for (var token = 1L; token <= 5; token++)
        {
            await _run.Claim(message);
            await _run.FailForNow(token, TimeSpan.Zero);
        }

        Assert.Equal([3, 4, 5], (await _run.Load()).Attempts.Select(attempt => attempt.Number));
    }
}
