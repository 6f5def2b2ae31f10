using TasksBus.Limits;

namespace TasksBus.Tests.Limits;

/// <summary>What every <see cref="ILimiter"/> must do; each part in a file of its own.</summary>
public abstract partial class LimiterConformance : IAsyncLifetime
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);
    private static readonly Limit One = new(MaxConcurrent: 1, Interval: null);

    protected ILimiter Limiter { get; private set; } = null!;

    public async Task InitializeAsync() => Limiter = await Start();

    public abstract Task DisposeAsync();

    protected abstract Task<ILimiter> Start();

    /// <summary>Lets time pass for the limiter.</summary>
    protected abstract Task Pass(TimeSpan time);

    private static PermitRequest Ask(params IReadOnlyList<LimitDemand> demands) => new(Guid.CreateVersion7(), Guid.NewGuid(), demands, Lease);

    private static LimitDemand Demand(string name, Limit limit) => new(name, Family: null, limit);
}
