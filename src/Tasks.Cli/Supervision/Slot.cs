using System.ComponentModel;

namespace TasksBus.Cli.Supervision;

/// <summary>A place for one worker, filled for as long as it is wanted: whoever ends is replaced, at once or, if it did not come to work, after a wait.</summary>
internal sealed class Slot
{
    private readonly ChildCommand _command;
    private readonly Output _output;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _unwanted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Child? _child;

    public Slot(int number, ChildCommand command, Output output, TimeProvider clock)
    {
        (Number, _command, _output, _clock) = (number, command, output, clock);
        Ended = Fill();
    }

    /// <summary>Precedes all that its workers write, 1 or more.</summary>
    public int Number { get; }

    /// <summary>Whether its worker is to take runs.</summary>
    public bool IsWanted => !_unwanted.Task.IsCompleted;

    /// <summary>When the last worker has ended here.</summary>
    public Task Ended { get; }

    /// <summary>Has no more use for it: tells the worker how to end, and does not replace it.</summary>
    public void Leave(ChildSignal signal)
    {
        lock (_gate)
        {
            _unwanted.TrySetResult();
            _child?.Send(signal);
        }
    }

    private async Task Fill()
    {
        var earlyEnds = 0;
        while (await Live().ConfigureAwait(false) is { } end)
        {
            earlyEnds = Backoff.IsTooSoon(end.ExitCode, end.Lived) ? earlyEnds + 1 : 0;
            var pause = Backoff.After(earlyEnds);
            _output.Say(Describe(end, pause));
            await _unwanted.Task.WaitAsync(pause, _clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The life of a worker.</summary>
    /// <returns>Its end; null if none is wanted any more.</returns>
    private async Task<ChildEnd?> Live()
    {
        try
        {
            Child child;
            lock (_gate)
            {
                if (!IsWanted)
                    return null;
                _child = child = Child.Start(_command, Number, _output, _clock);
            }

            return await child.Ended.ConfigureAwait(false);
        }
        catch (Win32Exception exception)
        {
            return new ChildEnd(exception.NativeErrorCode, TimeSpan.Zero, [exception.Message]);
        }
    }

    private string Describe(ChildEnd end, TimeSpan pause)
    {
        var ended = $"worker {Number}, process {_child?.Id}, ended {end}";
        if (!IsWanted)
            return ended;
        if (pause == TimeSpan.Zero)
            return $"{ended}; the next one starts";
        return $"{ended}; next try in {pause.TotalSeconds} s. "
            + (end.Errors.Count > 0 ? $"Its last errors: {string.Join(" | ", end.Errors)}" : "It wrote no errors; look at its other output, above");
    }
}
