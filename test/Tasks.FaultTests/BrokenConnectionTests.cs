using System.Diagnostics;

using TasksBus.Tests.Servers;

using Xunit.Abstractions;

namespace TasksBus.FaultTests;

/// <summary>Connections that break, while the servers live.</summary>
public sealed class BrokenConnectionTests(ITestOutputHelper output)
{
    /// <summary>How many runs are being submitted when the connections break.</summary>
    private const int Meanwhile = 20;

    [Fact]
    public async Task No_run_is_lost_and_no_worker_goes_deaf_while_every_connection_breaks_once_a_second()
    {
        var (count, seconds, workers) = (Scale.Of(1_000, 20_000), Scale.Of(6, 60), Scale.Of(2, 4));
        await using var rabbitMq = Before(new Uri(RealServers.RabbitMq).Authority.Split(':'));
        await using var redis = Before(RealServers.Redis.Split(':'));
        await using var fleet = await Fleet.Start($"amqp://guest:guest@127.0.0.1:{rabbitMq.Port}", $"127.0.0.1:{redis.Port}", workers, "--Concurrency", "16");
        var runs = new List<TaskHandle>(await fleet.Submit(count - (seconds * Meanwhile), milliseconds: 60));

        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        for (var cut = 0; cut < seconds && await second.WaitForNextTickAsync(); cut++)
        {
            var submitting = fleet.Submit(Meanwhile, milliseconds: 60);
            rabbitMq.Cut();
            redis.Cut();
            runs.AddRange(await submitting);
        }

        var ends = await Fleet.EndsOf(runs, TimeSpan.FromMinutes(4));
        var (later, listening) = (new List<TaskSnapshot>(), new HashSet<string>(StringComparer.Ordinal));
        for (var since = Stopwatch.GetTimestamp(); listening.Count < workers && Stopwatch.GetElapsedTime(since) < Fleet.Patience;)
        {
            later.AddRange(await Fleet.EndsOf(await fleet.Submit(workers * 32, milliseconds: 100)));
            listening.UnionWith(later.Select(end => end.Worker!));
        }

        output.WriteLine($"{runs.Count} runs, {Meanwhile} of them while each of {seconds} cuts of all connections: {ends.Count(end => end.State == TaskState.Succeeded)} succeeded in {ends.Sum(end => end.Attempts.Count)} attempts; {listening.Count} workers took runs afterwards.");
        Assert.Equal(count, runs.Count);
        Assert.All(ends.Concat(later), end => Assert.Equal(TaskState.Succeeded, end.State));
        Assert.Equal(workers, listening.Count);

        // On a machine that is busy with other things, a worker may need so long to connect again and again that it counts as dead.
        Assert.True(!Scale.IsLong || ends.SelectMany(end => end.Attempts).All(attempt => attempt.Error?.Type != "WorkerLost"), "A worker that lived was taken for dead.");
    }

    private static TcpProxy Before(string[] address)
    {
        var proxy = new TcpProxy(address[0], int.Parse(address[^1], System.Globalization.CultureInfo.InvariantCulture));
        proxy.Start();
        return proxy;
    }
}
