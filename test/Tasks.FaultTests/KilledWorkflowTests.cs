using TasksBus.FaultWorker;

using Xunit.Abstractions;

namespace TasksBus.FaultTests;

/// <summary>Workflows whose workers die.</summary>
public sealed class KilledWorkflowTests(ITestOutputHelper output)
{
    private static readonly int Milliseconds = Scale.Of(20, 100);
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task Every_chord_has_its_callback_once_while_workers_are_killed()
    {
        var (chords, members) = (Scale.Of(10, 200), Scale.Of(20, 100));
        await using var fleet = await Fleet.Start(Scale.Of(2, 4), "--Concurrency", "16");

        var kills = await Survive(fleet, chords, chord => Workflow
            .Group(Enumerable.Range(0, members).Select(member => new Visit(member, $"member {chord} {member}", Milliseconds)))
            .Then(new Visit(chord, $"callback {chord}", Milliseconds)), async (chord, workflow) => Assert.Equal(chord, await workflow.Result<int>()));

        await Judge(fleet, $"{chords} chords of {members}, {kills} kills", chords * (members + 1));
    }

    [Fact]
    public async Task The_steps_of_every_chain_are_recorded_once_and_in_order_while_workers_are_killed()
    {
        var (chains, steps) = (Scale.Of(10, 200), Scale.Of(10, 20));
        await using var fleet = await Fleet.Start(Scale.Of(2, 4), "--Concurrency", "16");

        var kills = await Survive(fleet, chains, chain => Enumerable.Range(1, steps - 1).Aggregate(
            (Workflow<int>)Workflow.Chain(new Visit(0, $"step {chain} 0", Milliseconds)),
            (before, step) => before.Then(new Visit(step, $"step {chain} {step}", Milliseconds))), async (_, workflow) =>
            {
                var runs = await Task.WhenAll((await workflow.Snapshot()).Steps.Select(step => fleet.Client.Find<int>(step.RunId!.Value).Snapshot()));
                Assert.Equal(Enumerable.Range(0, steps), runs.Select(run => run.Result!.As<int>()));
                Assert.All(runs.Zip(runs.Skip(1)), pair => Assert.True(pair.First.FinishedAt <= pair.Second.Attempts[0].StartedAt, "A step began before the one before it had ended."));
            });

        await Judge(fleet, $"{chains} chains of {steps}, {kills} kills", chains * steps);
    }

    [Fact]
    public async Task What_was_done_is_taken_back_and_nothing_else_while_workers_are_killed()
    {
        var (chains, steps) = (Scale.Of(10, 100), Scale.Of(4, 6));
        await using var fleet = await Fleet.Start(Scale.Of(2, 4), "--Concurrency", "16");

        var kills = await Survive(fleet, chains, chain => Enumerable.Range(1, steps - 1).Aggregate(
            Workflow.Chain(Booking(chain, 0)), (before, step) => before.Then(Booking(chain, step))).Then(new Fail(chain)).Then(Booking(chain, steps)), async (_, workflow) =>
            {
                var end = await workflow.Snapshot();
                Assert.Equal(WorkflowState.Failed, end.State);
                Assert.Equal(steps, end.Steps.Count(step => step.TaskName == TaskName.Of(typeof(Visit)) && step.State == TaskState.Succeeded));
            });

        var begun = await fleet.Ledger.Begun();
        output.WriteLine($"{chains} chains of {steps} that fail, {kills} kills: {begun.Count} runs in {begun.Values.Sum()} attempts.");
        Assert.Equal(2 * chains * steps, begun.Count);
        await JudgeAttempts(fleet, begun);
        Assert.Equal(
            (from chain in Enumerable.Range(0, chains) from step in Enumerable.Range(0, steps) from deed in new[] { "do", "undo" } select $"{deed} {chain} {step}").Order(StringComparer.Ordinal),
            (await fleet.Ledger.Rooms()).Order(StringComparer.Ordinal));
    }

    /// <summary>Each run has begun, and none is in two places at a time.</summary>
    private async Task Judge(Fleet fleet, string what, int runs)
    {
        var (begun, found) = (await fleet.Ledger.Begun(), await fleet.Ledger.Found());
        output.WriteLine($"{what}: {begun.Count} runs in {begun.Values.Sum()} attempts, at most {found.Keys.Max()} of a run at a time.");
        Assert.Equal(runs, begun.Count);
        Assert.Equal(1, found.Keys.Max());
        await JudgeAttempts(fleet, begun);
    }

    /// <summary>Each effect belongs to an attempt of its own that is recorded: a run is begun again for a worker that was killed, and for nothing else.</summary>
    private static Task JudgeAttempts(Fleet fleet, IReadOnlyDictionary<Guid, long> begun) => Parallel.ForEachAsync(begun, async (run, token) =>
    {
        var attempts = (await fleet.Client.Find(run.Key).Snapshot(token)).Attempts.Count;
        Assert.True(run.Value <= attempts, $"Run {run.Key} was begun {run.Value} times in {attempts} attempts.");
    });

    private static TaskCall<int> Booking(int chain, int step) =>
        new Visit(step, $"do {chain} {step}", Milliseconds).ToCall().CompensatedBy(new Visit(step, $"undo {chain} {step}", Milliseconds));

    /// <summary>Runs workflows while one worker after the other is killed, then looks at each.</summary>
    /// <returns>How many were killed.</returns>
    private static async Task<int> Survive(Fleet fleet, int count, Func<int, Workflow> compose, Func<int, WorkflowHandle, Task> check)
    {
        var workflows = new WorkflowHandle[count];
        var ends = Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = count }, async (number, token) =>
        {
            workflows[number] = await fleet.Client.Run(compose(number), cancellationToken: token);
            await workflows[number].Completion(Deadline, token);
        });

        var kills = 0;
        for (; !ends.IsCompleted && kills < Scale.Of(3, int.MaxValue); kills++)
        {
            await Task.WhenAny(ends, Task.Delay(TimeSpan.FromSeconds(2)));
            var victim = fleet.Workers[Random.Shared.Next(fleet.Workers.Count)];
            await victim.Kill();
            await fleet.Replace(victim);
        }

        await ends;
        await Parallel.ForAsync(0, count, async (number, _) => await check(number, workflows[number]));
        return kills;
    }
}
