using System.Diagnostics;

using StackExchange.Redis;

using TasksBus.FaultTests.Servers;
using TasksBus.FaultWorker;
using TasksBus.Tests.Servers;

using Xunit.Abstractions;

namespace TasksBus.FaultTests;

/// <summary>A Redis that dies, or loses its memory, while it is used.</summary>
public sealed class RestartedStoreTests(ITestOutputHelper output)
{
    [Fact]
    public async Task No_run_is_lost_when_Redis_is_killed_that_writes_its_append_only_file_at_once()
    {
        var (count, delayed, kills) = (Scale.Of(900, 18_000), Scale.Of(100, 2_000), Scale.Of(2, 5));
        await using var redis = await OwnServer.Redis();
        await Administrate(redis, server => server.ConfigSetAsync("appendfsync", "always"));
        await using var fleet = await Fleet.Start(RealServers.RabbitMq, redis.Address, Scale.Of(2, 4), "--Concurrency", "16");
        var runs = new List<TaskHandle>(await fleet.Submit(count, milliseconds: 60));
        runs.AddRange(await fleet.Client.RunMany(Enumerable.Range(0, delayed).Select(index => new Tick(index, 1)), new RunOptions { Delay = TimeSpan.FromSeconds(5) }));

        for (var kill = 1; kill <= kills; kill++)
        {
            await Fleet.EndsOf([runs[count * kill / (kills + 1)]], TimeSpan.FromMinutes(5));
            await redis.Kill();
            await redis.Start();
            await Administrate(redis, server => server.ConfigSetAsync("appendfsync", "always"));
        }

        var since = Stopwatch.GetTimestamp();
        var ends = await Fleet.EndsOf(runs, TimeSpan.FromMinutes(5));
        var took = Stopwatch.GetElapsedTime(since);

        output.WriteLine(
            $"{count} runs and {delayed} delayed ones, {kills} kills, appendfsync always: {ends.Count(end => end.State == TaskState.Succeeded)} succeeded in {ends.Sum(end => end.Attempts.Count)} attempts, " +
            $"all of them {took.TotalSeconds:F1} s after the last.");
        Assert.All(ends, end => Assert.Equal(TaskState.Succeeded, end.State));
        Assert.DoesNotContain(ends.SelectMany(end => end.Attempts), attempt => attempt.Error?.Type == "WorkerLost");
        Assert.True(took < Scale.Within(TimeSpan.FromSeconds(60)), $"It took {took}.");
    }

    [Fact]
    public async Task Work_goes_on_when_Redis_loses_everything_and_the_loss_is_logged()
    {
        var count = Scale.Of(1_000, 20_000);
        await using var redis = await OwnServer.Redis();
        await using var fleet = await Fleet.Start(RealServers.RabbitMq, redis.Address, workers: 2, "--Concurrency", "16");
        var runs = await fleet.Client.RunMany(Enumerable.Range(0, count).Select(index => new Visit(index, "hall", 50)));
        await runs[count / 10].Completion(TimeSpan.FromMinutes(5));

        await Administrate(redis, server => server.FlushAllDatabasesAsync());

        // Runs start in their order, and a worker stops only when those have ended that it holds.
        var last = await fleet.Submit(runs: 1, milliseconds: 1);
        var lastEnd = (await Fleet.EndsOf(last, TimeSpan.FromMinutes(5)))[0];
        foreach (var worker in fleet.Workers)
            await worker.Stop();

        var begun = await fleet.Ledger.Begun();
        var states = (await Task.WhenAll(runs.Select(run => run.Snapshot()))).CountBy(run => run.State).ToDictionary();
        var logs = await Task.WhenAll(fleet.Workers.Select(worker => worker.Output));
        output.WriteLine($"{count} runs, {begun.Count} of them begun, {begun.Values.Sum()} attempts. Now known of them: {string.Join(", ", states)}");
        Assert.Equal(TaskState.Succeeded, lastEnd.State);
        Assert.Equal(count, begun.Count);
        Assert.Equal(count, states.GetValueOrDefault(TaskState.Succeeded) + states.GetValueOrDefault(TaskState.NotFound));
        Assert.InRange(states[TaskState.Succeeded], count / 3, count);
        Assert.All(logs, log => Assert.Contains("lost its memory", log, StringComparison.Ordinal));
    }

    private static async Task Administrate(OwnServer redis, Func<IServer, Task> act)
    {
        using var connection = await ConnectionMultiplexer.ConnectAsync($"{redis.Address},allowAdmin=true");
        await act(connection.GetServer(redis.Address));
    }
}
