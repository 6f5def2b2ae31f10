namespace TasksBus.Cli.Supervision;

/// <summary>Keeps as many workers as there are to be, until it is told to stop.</summary>
/// <param name="command">Starts one.</param>
/// <param name="autoscale">How many.</param>
/// <param name="backlog">What waits for them; needed unless their number is fixed.</param>
/// <param name="stopTimeout">How long they have to end before they are killed.</param>
/// <param name="output">Where everything is said.</param>
/// <param name="clock">The time.</param>
internal sealed class Supervisor(ChildCommand command, Autoscale autoscale, BacklogWatch? backlog, TimeSpan stopTimeout, Output output, TimeProvider clock)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    /// <summary>In the order of their start.</summary>
    private readonly List<Slot> _slots = [];

    /// <summary>Supervises.</summary>
    /// <param name="signals">With the first one the workers are to end; with the next at once, handing over what they hold.</param>
    /// <exception cref="TaskQueueConfigurationException">What waits for the workers can never be counted. They have ended.</exception>
    public async Task Run(StopSignals signals)
    {
        var stop = signals.First;
        while (_slots.Count < autoscale.Min)
            Grow();
        try
        {
            await (autoscale.IsFixed ? Task.Delay(Timeout.InfiniteTimeSpan, clock, stop) : FollowBacklog(stop)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Somebody wants it to end.
        }
        finally
        {
            signals.OnFurther = () => Tell(ChildSignal.Stop);
            await Stop().ConfigureAwait(false);
        }
    }

    private async Task FollowBacklog(CancellationToken stop)
    {
        var since = clock.GetTimestamp();
        using var looks = new PeriodicTimer(BetweenLooks, clock);
        while (await looks.WaitForNextTickAsync(stop).ConfigureAwait(false))
        {
            _slots.RemoveAll(slot => slot.Ended.IsCompleted);
            var workers = _slots.Count(slot => slot.IsWanted);
            if (await backlog!.Look(enough: (workers * autoscale.BacklogPerWorker) + 1, stop).ConfigureAwait(false) is not { } waiting)
                continue;
            if (waiting > 0)
                since = clock.GetTimestamp();

            var step = autoscale.Step(workers, _slots.Count, waiting, clock.GetElapsedTime(since));
            if (step != 0)
                output.Say($"{waiting} runs wait for {workers} workers: {(step > 0 ? "one more" : "one less")}");
            if (step > 0)
                Grow();
            if (step >= 0)
                continue;
            _slots.Last(slot => slot.IsWanted).Leave(ChildSignal.Retire);
            since = clock.GetTimestamp();
        }
    }

    private void Grow()
    {
        var number = Enumerable.Range(1, int.MaxValue).Except(_slots.Select(slot => slot.Number)).First();
        _slots.Add(new Slot(number, command, output, clock));
    }

    private async Task Stop()
    {
        output.Say($"stopping; workers have {stopTimeout.TotalSeconds} s");
        var ended = Task.WhenAll(_slots.Select(slot => slot.Ended));
        Tell(ChildSignal.Stop);
        try
        {
            await ended.WaitAsync(stopTimeout, clock, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            output.Say($"{_slots.Count(slot => !slot.Ended.IsCompleted)} workers have not ended in time and are killed; others take over what they hold");
            Tell(ChildSignal.Kill);
            await ended.ConfigureAwait(false);
        }

        output.Say("stopped");
    }

    private void Tell(ChildSignal signal) => _slots.ForEach(slot => slot.Leave(signal));
}
