using Xunit.Abstractions;

namespace TasksBus.FaultTests;

/// <summary>A queue in which very many runs wait.</summary>
public sealed class LongQueueTests(ITestOutputHelper output)
{
    private const int MebiByte = 1_048_576;

    [Fact]
    public async Task A_worker_is_as_fast_and_takes_no_more_memory_when_very_many_runs_wait()
    {
        var (count, measured) = (Scale.Of(3_000, 200_000), Scale.Of(1_000, 10_000));
        await using var fleet = await Fleet.Start(workers: 0, "--Concurrency", "16");

        var few = await fleet.Submit(measured * 2, milliseconds: 0);
        var worker = await fleet.AddWorker();
        await few[^1].Completion(TimeSpan.FromMinutes(4));
        var alone = await Rate(few, measured);
        var memoryBefore = worker.Memory;
        await worker.Stop();

        var many = await fleet.Submit(count, milliseconds: 0);
        worker = await fleet.AddWorker();
        var crowded = await Rate(many, measured);
        var memory = worker.Memory;
        await many[count / 2].Completion(TimeSpan.FromMinutes(4));
        var memoryLater = worker.Memory;

        output.WriteLine(
            $"Runs in a second: {alone:F0} in a short queue, {crowded:F0} with {count - measured} behind them ({crowded / alone:P0}). " +
            $"Memory of the worker: {memoryBefore / MebiByte} MiB, {memory / MebiByte} MiB, {memoryLater / MebiByte} MiB after {count / 2} runs.");

        // A second or two are measured in every build, beside whatever else the machine does then: that says nothing of the speed.
        var memoryAllowed = Scale.IsLong ? (memoryBefore * 1.2) + (20 * MebiByte) : memoryBefore + (100.0 * MebiByte);
        Assert.True(!Scale.IsLong || crowded >= 0.9 * alone, $"{crowded:F0} are less than 90 % of {alone:F0}.");
        Assert.True(Math.Max(memory, memoryLater) < memoryAllowed, "The memory has grown.");
    }

    /// <summary>How many of those that follow the first few hundred ended in a second.</summary>
    private static async Task<double> Rate(IReadOnlyList<TaskHandle> runs, int measured)
    {
        var (first, last) = (runs[measured / 10], runs[measured]);
        var (from, to) = ((await first.Completion(TimeSpan.FromMinutes(4))).FinishedAt, (await last.Completion(TimeSpan.FromMinutes(4))).FinishedAt);
        return (measured - (measured / 10)) / (to - from)!.Value.TotalSeconds;
    }
}
