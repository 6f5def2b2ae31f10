namespace TasksBus.Tests.Limits;

public record Upload(string Tenant) : ITask;

/// <summary>Counts how many handlers are in it at a time.</summary>
internal sealed class Crowd
{
    private readonly Lock _lock = new();
    private int _now;

    /// <summary>The most there ever were.</summary>
    public int Largest { get; private set; }

    /// <summary>Comes, stays long enough to meet others, and goes.</summary>
    public async Task Pass()
    {
        lock (_lock)
            Largest = Math.Max(Largest, ++_now);
        for (var turn = 0; turn < 20; turn++)
            await Task.Yield();
        lock (_lock)
            _now--;
    }
}
