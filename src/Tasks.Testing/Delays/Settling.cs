using TasksBus.Configuration;
using TasksBus.Delays;
using TasksBus.Limits;

namespace TasksBus.Testing;

/// <summary>Moves the clock from one instant at which something is due to the next, and waits at each until nothing moves any more.</summary>
internal sealed class Settling(
    RunRecorder recorder, MovingWorkflows workflows, TestClock clock, DueDispatcher dispatcher, LimitPump limits, RecordingLimiter limiter, IEnumerable<IClockDriven> driven, TaskCatalogue catalogue, Foundation foundation)
{
    /// <summary>How long the dispatcher may take for a run, in real time. It does not wait for the test, as an attempt may: the patience is not about it.</summary>
    private static readonly TimeSpan LongestDispatch = TimeSpan.FromSeconds(5);

    private readonly IClockDriven[] _driven = [.. driven];

    /// <inheritdoc cref="ITaskQueueTestHarness.Patience"/>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Moves the clock.</summary>
    public async Task Advance(TimeSpan time, CancellationToken cancellationToken)
    {
        var target = clock.GetUtcNow() + time;
        await Settle(cancellationToken).ConfigureAwait(false);
        while (clock.GetUtcNow() < target)
        {
            clock.SetUtcNow(NextStop(target));
            await Settle(cancellationToken).ConfigureAwait(false);
        }

        // An expired record is not found any more, but the indexes still count it.
        await foundation.Runs.RemoveExpired(target, int.MaxValue, cancellationToken).ConfigureAwait(false);
        recorder.ShowLife();
    }

    /// <summary>Waits until no attempt runs, or for as long as the patience lasts.</summary>
    public async Task WaitForAttempts()
    {
        var since = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var life = recorder.NextLife;
            var left = Patience - TimeProvider.System.GetElapsedTime(since);
            if (!recorder.IsAnyRunning || left <= TimeSpan.Zero)
                return;
            await Wait(life, left, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private DateTimeOffset NextStop(DateTimeOffset target)
    {
        var now = clock.GetUtcNow();
        DateTimeOffset?[] stops = [target, recorder.NextDue(now), clock.NextWake(now), limiter.NextAt > now ? limiter.NextAt : null, _driven.Min(one => one.NextAt > now ? one.NextAt : null)];
        return stops.Min()!.Value;
    }

    private async Task Settle(CancellationToken cancellationToken)
    {
        while (true)
        {
            var life = recorder.NextLife;
            if (recorder.IsAnyDue(clock.GetUtcNow()))
                await dispatcher.DispatchDue(cancellationToken).ConfigureAwait(false);
            if (limiter.NextAt <= clock.GetUtcNow())
                await limits.GrantDue(cancellationToken).ConfigureAwait(false);
            foreach (var one in _driven.Where(one => one.NextAt <= clock.GetUtcNow()))
                await one.RunDue(clock.GetUtcNow(), cancellationToken).ConfigureAwait(false);

            var quiet = await workflows.QuietTimes(cancellationToken).ConfigureAwait(false);
            var wait = recorder.Underway(clock.GetUtcNow(), catalogue.Options).Select(run => LongestFor(run) - run.QuietFor).Concat(quiet.Select(time => Patience - time)).DefaultIfEmpty().Max();
            if (wait <= TimeSpan.Zero)
                return;
            await Wait(life, wait, cancellationToken).ConfigureAwait(false);
        }
    }

    private TimeSpan LongestFor(RunRecord run)
    {
        if (run.IsBeingDispatched(clock.GetUtcNow()))
            return LongestDispatch;
        return clock.IsSleeping(run.RunId) ? Patience / 10 : Patience;
    }

    private static async Task Wait(Task life, TimeSpan longest, CancellationToken cancellationToken)
    {
        try
        {
            await life.WaitAsync(longest, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Whatever is still under way waits for the test.
        }
    }
}
