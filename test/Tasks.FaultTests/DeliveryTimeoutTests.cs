using TasksBus.FaultTests.Servers;
using TasksBus.FaultWorker;
using TasksBus.Tests.Servers;

using Xunit.Abstractions;

namespace TasksBus.FaultTests;

/// <summary>Runs that take longer than RabbitMQ waits for an acknowledgement: 30 minutes, unless it is told otherwise.</summary>
public sealed class DeliveryTimeoutTests(ITestOutputHelper output)
{
    private const string TwoSeconds = "application:set_env(rabbit, consumer_timeout, 2000), application:set_env(rabbit, channel_tick_interval, 500).";

    [Fact]
    public async Task A_run_longer_than_the_brokers_delivery_timeout_is_run_once_and_its_worker_goes_on_taking_runs()
    {
        await using var rabbitMq = await OwnServer.RabbitMq();
        await rabbitMq.Evaluate(TwoSeconds);
        await using var fleet = await Fleet.Start(rabbitMq.Address, RealServers.Redis, workers: 2, "--Concurrency", "4");

        var runs = await fleet.Client.RunMany(Enumerable.Range(0, 6).Select(index => new Visit(index, "hall", 5_000)));
        var meanwhile = await Fleet.EndsOf(await fleet.Submit(runs: 20, milliseconds: 400));
        var ends = await Fleet.EndsOf(runs);
        var later = await Fleet.EndsOf(await fleet.Submit(runs: 20, milliseconds: 100));

        var (begun, timeouts) = (await fleet.Ledger.Begun(), (await rabbitMq.Log()).Split("delivery acknowledgement").Length - 1);
        output.WriteLine($"{runs.Count} runs of 5 s under a delivery timeout of 2 s, which struck {timeouts} times: {string.Join(", ", ends.CountBy(end => end.State))}, {begun.Values.Sum()} attempts.");
        Assert.True(timeouts > 0, "The broker has not lost its patience.");
        Assert.All(ends, end => Assert.Equal((TaskState.Succeeded, 1, 1), (end.State, end.Attempt, end.Attempts.Count)));
        Assert.All(runs, run => Assert.Equal(1, begun[run.RunId]));
        Assert.All(meanwhile.Concat(later), end => Assert.Equal(TaskState.Succeeded, end.State));
    }
}
