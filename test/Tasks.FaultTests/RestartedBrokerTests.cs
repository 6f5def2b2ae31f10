using TasksBus.FaultTests.Servers;
using TasksBus.Tests.Servers;

using Xunit.Abstractions;

namespace TasksBus.FaultTests;

/// <summary>A RabbitMQ that restarts while it is used.</summary>
public sealed class RestartedBrokerTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task No_run_is_lost_when_RabbitMQ_restarts_and_workers_consume_again_within_five_seconds()
    {
        var (count, restarts) = (Scale.Of(800, 45_000), Scale.Of(1, 5));
        var submittedMeanwhile = Scale.Of(200, 1_000);
        await using var rabbitMq = await OwnServer.RabbitMq();
        await using var fleet = await Fleet.Start(rabbitMq.Address, RealServers.Redis, Scale.Of(2, 4), "--Concurrency", "16");
        var runs = new List<TaskHandle>(await fleet.Submit(count, milliseconds: 60));

        var openings = new List<DateTimeOffset>();
        for (var restart = 1; restart <= restarts; restart++)
        {
            await runs[count * restart / (restarts + 1)].Completion(TimeSpan.FromMinutes(5));
            var submitting = fleet.Submit(submittedMeanwhile, milliseconds: 60);
            await (restart % 2 == 1 ? rabbitMq.Kill() : rabbitMq.Stop());
            openings.Add(await rabbitMq.Start());
            runs.AddRange(await submitting);

            // Otherwise it may be gone again before a worker has tried.
            await Task.Delay(Deadline);
        }

        var ends = await Fleet.EndsOf(runs, TimeSpan.FromMinutes(5));
        var starts = ends.SelectMany(end => end.Attempts).ToList();
        var deaf = openings.ConvertAll(opening => starts.Where(attempt => attempt.StartedAt > opening).GroupBy(attempt => attempt.Worker, StringComparer.Ordinal)
            .Select(worker => worker.Min(attempt => attempt.StartedAt) - opening).Order().ToList());
        Assert.All(deaf, Assert.NotEmpty);
        output.WriteLine(
            $"{runs.Count} runs, {submittedMeanwhile} of them while it was away each time: {ends.Count(end => end.State == TaskState.Succeeded)} succeeded, {starts.Count} attempts. " +
            $"The first and the last worker are consuming again after {string.Join(", ", deaf.Select(times => $"{times[0].TotalSeconds:F1} and {times[^1].TotalSeconds:F1} s"))}.");
        Assert.All(ends, end => Assert.Equal(TaskState.Succeeded, end.State));
        Assert.All(deaf, times => Assert.True(times[0] < Scale.Within(Deadline), $"It took {times[0]}."));

        // In the short form there is not work enough for all of them.
        Assert.All(deaf, times => Assert.True(!Scale.IsLong || (times.Count == fleet.Workers.Count && times[^1] < Deadline), $"{times.Count} workers consume, the last after {times[^1]}."));
    }
}
