namespace TasksBus.Execution;

/// <summary>The turn of a run among those of which one starts after the other. It ends with the attempt, or when its handler has run for a while.</summary>
internal sealed class Turn(SemaphoreSlim one, TimeProvider clock) : IDisposable
{
    /// <summary>What takes a worker down does it soon; whoever is innocent must not hold up the others for hours.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private ITimer? _end;
    private SemaphoreSlim? _one = one;

    /// <summary>The handler is called now.</summary>
    public void Begin() => _end = clock.CreateTimer(_ => End(), state: null, Longest, Timeout.InfiniteTimeSpan);

    public void Dispose()
    {
        _end?.Dispose();
        End();
    }

    private void End() => Interlocked.Exchange(ref _one, null)?.Release();
}
