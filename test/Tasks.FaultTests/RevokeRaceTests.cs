using TasksBus.FaultWorker;

using Xunit.Abstractions;

namespace TasksBus.FaultTests;

/// <summary>Runs that are revoked at any moment of their lives.</summary>
public sealed class RevokeRaceTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Runs_that_are_revoked_while_they_start_and_finish_have_one_end_each()
    {
        var count = Scale.Of(1_000, 5_000);
        await using var fleet = await Fleet.Start(workers: 2, "--Concurrency", "16");
        var stories = new IReadOnlyList<TaskSnapshot>[count];
        var runs = new TaskHandle[count];

        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (index, token) =>
        {
            // At most 32 at a time, and as many can run: so each is met somewhere between its submission and its end; and some before, within and after their time.
            var phase = index % 10;
            var run = runs[index] = await fleet.Client.Run(new Tick(index, phase == 1 ? 300_000 : index % 40), new RunOptions { Delay = phase == 0 ? TimeSpan.FromMinutes(5) : TimeSpan.Zero }, token);
            if (phase == 1)
                await Fleet.Until(run, snapshot => snapshot.State == TaskState.Running);
            else if (phase == 2)
                await run.Completion(Fleet.Patience, token);
            else
                await Task.Delay(TimeSpan.FromMilliseconds(index * 7 % 30), token);
            var (answer, end) = (await run.Revoke(cancellationToken: token), await run.Completion(Fleet.Patience, token));
            stories[index] = [answer, end];
        });
        foreach (var worker in fleet.Workers)
            await worker.Stop();

        var later = await Task.WhenAll(runs.Select(run => run.Snapshot()));
        output.WriteLine(
            $"{count} revokes met runs that were {string.Join(", ", stories.CountBy(story => story[0].State))}; the runs ended {string.Join(", ", later.CountBy(end => end.State))}.");
        Assert.All(later.Zip(stories), pair =>
        {
            var (now, (answer, end)) = (pair.First, (pair.Second[0], pair.Second[1]));
            Assert.True(end.State is TaskState.Revoked or TaskState.Succeeded, $"{end.State}");
            Assert.Equal((end.State, end.Version), (now.State, now.Version));
            Assert.True(!answer.IsFinal || answer.State == end.State, $"It was {answer.State}, and then {end.State}.");
        });
        Assert.Equal([TaskState.Succeeded, TaskState.Revoked], later.Select(end => end.State).Distinct().Order());

        // One that waits is revoked at once, one that runs is told.
        Assert.Superset(new HashSet<TaskState> { TaskState.Revoked, TaskState.Running }, stories.Select(story => story[0].State).ToHashSet());
    }

    [Fact]
    public async Task A_run_whose_handler_heeds_its_token_stops_within_a_second_of_being_revoked()
    {
        var count = Scale.Of(64, 500);

        // A worker that was not told would hear of it when it renews the lease, in a quarter of an hour.
        await using var fleet = await Fleet.Start(workers: 2, "--Concurrency", $"{count}", "--Lease", "01:00:00");
        var runs = await fleet.Submit(count, milliseconds: 300_000);
        foreach (var run in runs)
            await Fleet.Until(run, snapshot => snapshot.State == TaskState.Running);

        var took = new TimeSpan[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (index, token) =>
        {
            var toldAt = TimeProvider.System.GetUtcNow();
            await runs[index].Revoke(cancellationToken: token);
            var end = await runs[index].Completion(Fleet.Patience, token);
            Assert.Equal(TaskState.Revoked, end.State);
            took[index] = end.FinishedAt!.Value - toldAt;
        });

        output.WriteLine($"{count} runs stopped after {took.Average(time => time.TotalMilliseconds):F0} ms, at most {took.Max().TotalMilliseconds:F0} ms.");
        Assert.True(took.Max() < Scale.Within(TimeSpan.FromSeconds(1)), $"One took {took.Max()}.");
    }
}
