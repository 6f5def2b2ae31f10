using Microsoft.Extensions.Time.Testing;

using TasksBus.InMemory;
using TasksBus.Limits;
using TasksBus.Storage;

namespace TasksBus.Tests.Limits;

public sealed class InMemoryLimiterTests : LimiterConformance
{
    // Moves at each look, as clocks do.
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(60)) { AutoAdvanceAmount = TimeSpan.FromTicks(1) };

    public override Task DisposeAsync() => Task.CompletedTask;

    protected override Task<ILimiter> Start() => Task.FromResult<ILimiter>(new InMemoryLimiter(_time));

    protected override Task Pass(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }
}

/// <summary>Needs a Redis; <c>TASKSBUS_REDIS</c> says where, 127.0.0.1:6379 if it is not set.</summary>
public sealed class RedisLimiterTests : LimiterConformance
{
    private readonly RedisConnection _connection = new(Environment.GetEnvironmentVariable("TASKSBUS_REDIS") ?? "127.0.0.1:6379");

    public override async Task DisposeAsync() => await _connection.DisposeAsync();

    protected override Task<ILimiter> Start() => Task.FromResult<ILimiter>(new RedisLimiter(_connection, $"test-{Guid.NewGuid():N}"));

    /// <remarks>The clock is that of Redis, which nobody moves.</remarks>
    protected override Task Pass(TimeSpan time) => Task.Delay(time + TimeSpan.FromMilliseconds(20));
}
