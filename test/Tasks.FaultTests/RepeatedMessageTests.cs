using TasksBus.FaultWorker;

using Xunit.Abstractions;

namespace TasksBus.FaultTests;

/// <summary>Messages that come more than once.</summary>
public sealed class RepeatedMessageTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Every_run_whose_message_comes_three_times_is_recorded_once()
    {
        var count = Scale.Of(1_000, 10_000);
        await using var fleet = await Fleet.Start(Scale.Of(2, 4), "--Concurrency", "16");
        var runs = new TaskHandle[count];
        var stories = new IReadOnlyList<TaskSnapshot>[count];

        // To submit again under the same id is to send another message.
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (index, token) =>
        {
            var task = new Visit(index, $"hall {index}", index % 20);
            runs[index] = await fleet.Client.Run(task, cancellationToken: token);
            var same = new RunOptions { RunId = runs[index].RunId };
            await Task.WhenAll(fleet.Client.Run(task, same, token), fleet.Client.Run(task, same, token));
            stories[index] = await StoryOf(runs[index]);
        });
        foreach (var worker in fleet.Workers)
            await worker.Stop();

        var later = await Task.WhenAll(runs.Select(run => run.Snapshot()));
        var (begun, found) = (await fleet.Ledger.Begun(), await fleet.Ledger.Found());
        output.WriteLine($"{count} runs, {count * 3} messages: {later.Count(end => end.State == TaskState.Succeeded)} succeeded, {begun.Values.Sum()} attempts, at most {found.Keys.Max()} at a time of a run.");
        Assert.All(stories, story =>
        {
            Assert.Single(story, snapshot => snapshot.IsFinal);
            Assert.Equal(story.Select(snapshot => snapshot.Version).Distinct().Order(), story.Select(snapshot => snapshot.Version));
        });
        Assert.All(later.Zip(stories), end => Assert.Equal((TaskState.Succeeded, end.Second[^1].Version), (end.First.State, end.First.Version)));
        Assert.All(later, end => Assert.Equal((1, 1), (end.Attempt, end.Attempts.Count)));
        Assert.Equal(count, begun.Values.Sum());
    }

    private static async Task<IReadOnlyList<TaskSnapshot>> StoryOf(TaskHandle run)
    {
        var story = new List<TaskSnapshot>();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        await foreach (var snapshot in run.Watch(patience.Token))
            story.Add(snapshot);
        return story;
    }
}
