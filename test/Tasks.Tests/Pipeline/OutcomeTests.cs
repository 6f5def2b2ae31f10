using TasksBus.Pipeline;

namespace TasksBus.Tests.Pipeline;

/// <summary>What follows from an exception.</summary>
public sealed class OutcomeTests
{
    private readonly RetryOptions _retry = new() { MaxAttempts = 3, Delay = TimeSpan.FromSeconds(8), Backoff = RetryBackoff.Fixed, Jitter = false };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void An_attempt_before_the_last_is_tried_again(int attempt)
    {
        var outcome = Of(new InvalidOperationException("Torn."), attempt);

        var retry = Assert.IsType<Outcome.Retry>(outcome);
        Assert.Equal((typeof(InvalidOperationException).FullName, "Torn.", TimeSpan.FromSeconds(8)), (retry.Error.Type, retry.Error.Message, retry.Delay));
    }

    [Fact]
    public void The_last_attempt_fails_the_run()
    {
        var outcome = Of(new InvalidOperationException("Torn."), attempt: 3);

        var failed = Assert.IsType<Outcome.Failed>(outcome);
        Assert.Equal((FailureKind.HandlerError, "Torn."), (failed.Kind, failed.Error.Message));
    }

    [Fact]
    public void An_exception_that_the_rules_exclude_fails_the_run_at_once()
    {
        _retry.Never<InvalidOperationException>();

        var outcome = Of(new InvalidOperationException("Torn."));

        Assert.Equal(FailureKind.HandlerError, Assert.IsType<Outcome.Failed>(outcome).Kind);
    }

    [Fact]
    public void A_handler_that_asks_for_a_retry_gets_it_after_its_own_delay_whatever_the_rules()
    {
        _retry.Never<RetryTaskException>();

        var outcome = Of(new RetryTaskException(TimeSpan.FromMilliseconds(2.5)));

        Assert.Equal(TimeSpan.FromMilliseconds(2.5), Assert.IsType<Outcome.Retry>(outcome).Delay);
    }

    [Fact]
    public void A_handler_that_asks_for_a_retry_without_a_delay_gets_that_of_the_task()
    {
        var outcome = Of(new RetryTaskException("Later."));

        Assert.Equal(TimeSpan.FromSeconds(8), Assert.IsType<Outcome.Retry>(outcome).Delay);
    }

    [Fact]
    public void A_retry_that_was_asked_for_is_recorded_with_what_went_wrong()
    {
        var outcome = Of(new RetryTaskException("Later.", new InvalidOperationException("Torn.")));

        Assert.Equal("Torn.", Assert.IsType<Outcome.Retry>(outcome).Error.Message);
    }

    [Fact]
    public void A_handler_that_asks_for_a_retry_after_the_last_attempt_fails_the_run()
    {
        var outcome = Of(new RetryTaskException(TimeSpan.Zero, "Later."), attempt: 3);

        Assert.Equal((FailureKind.HandlerError, "Later."), (Assert.IsType<Outcome.Failed>(outcome).Kind, ((Outcome.Failed)outcome).Error.Message));
    }

    [Fact]
    public void A_handler_that_rejects_the_run_gets_no_other_attempt()
    {
        var outcome = Of(new RejectTaskException("No such file."));

        Assert.Equal((FailureKind.Rejected, "No such file."), (Assert.IsType<Outcome.Failed>(outcome).Kind, ((Outcome.Failed)outcome).Error.Message));
    }

    [Theory]
    [InlineData(typeof(OperationCanceledException))]
    [InlineData(typeof(InvalidOperationException))]
    public void Whatever_a_revoked_attempt_throws_it_is_revoked(Type exception)
    {
        var outcome = Of((Exception)Activator.CreateInstance(exception)!, stopReason: StopReason.Revoked);

        Assert.IsType<Outcome.Revoked>(outcome);
    }

    [Fact]
    public void An_attempt_that_is_cancelled_because_the_worker_stops_is_released()
    {
        var outcome = Of(new OperationCanceledException(), attempt: 3, StopReason.WorkerStops);

        Assert.IsType<Outcome.Released>(outcome);
    }

    [Fact]
    public void Whatever_a_handler_throws_once_the_worker_stops_does_not_count()
    {
        var outcome = Of(new InvalidOperationException("The query was cancelled."), stopReason: StopReason.WorkerStops);

        Assert.IsType<Outcome.Released>(outcome);
    }

    [Fact]
    public void A_handler_that_cancels_itself_has_failed()
    {
        var outcome = Of(new OperationCanceledException());

        Assert.IsType<Outcome.Retry>(outcome);
    }

    [Fact]
    public void Nothing_counts_of_an_attempt_that_lost_its_lease()
    {
        var outcome = Of(new InvalidOperationException(), stopReason: StopReason.LeaseLost);

        Assert.IsType<Outcome.Stale>(outcome);
    }

    [Fact]
    public void A_negative_delay_cannot_be_asked_for() =>
        Assert.Throws<ArgumentOutOfRangeException>("delay", () => new RetryTaskException(TimeSpan.FromTicks(-1)));

    private Outcome Of(Exception exception, int attempt = 1, StopReason stopReason = StopReason.None) => Outcome.Of(exception, attempt, _retry, stopReason, random: 0.5);
}
