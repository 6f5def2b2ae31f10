using TasksBus.FaultWorker;

using Xunit.Abstractions;

namespace TasksBus.FaultTests;

/// <summary>Chords of very many members.</summary>
public sealed class WideChordTests(ITestOutputHelper output)
{
    private const int MebiByte = 1_048_576;

    /// <summary>By how much the numbers of members may differ in length.</summary>
    private const int Digits = 100;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task A_wide_chord_ends_with_one_callback_and_its_messages_are_no_longer_than_those_of_a_narrow_one()
    {
        var width = Scale.Of(2_000, 100_000);
        await using var fleet = await Fleet.Start(Scale.Of(1, 2), "--Concurrency", "16");

        // Whoever submits declares the exchange that is listened to.
        await Fleet.EndsOf(await fleet.Submit(runs: 1, milliseconds: 0));
        await using var tap = await MessageTap.Open(fleet.BrokerQueue);

        var narrow = await Run(fleet, 10);
        var (narrowCount, longestOfNarrow) = await tap.Take(atLeast: 11);
        var wide = await Run(fleet, width);
        var (wideCount, longestOfWide) = await tap.Take(atLeast: width + 1);

        output.WriteLine(
            $"{narrow.Total} steps in {narrowCount} messages of up to {longestOfNarrow} bytes; {wide.Total} in {wideCount} of up to {longestOfWide}, after {wide.FinishedAt - wide.SubmittedAt}. " +
            $"Memory of the workers: {string.Join(", ", fleet.Workers.Select(worker => $"{worker.Memory / MebiByte} MiB"))}.");
        Assert.Equal((WorkflowState.Succeeded, width + 1, width + 1), (wide.State, wide.Done, wide.Total));
        Assert.InRange(longestOfWide, 1, longestOfNarrow + Digits);
        Assert.Equal([1, 1], (await fleet.Ledger.Begun()).Values);
    }

    private static async Task<WorkflowSnapshot> Run(Fleet fleet, int width)
    {
        var workflow = await fleet.Client.Run(Workflow.Group(Enumerable.Range(0, width).Select(index => new Tick(index, 0))).Then(new Visit(width, $"callback of {width}", 0)));
        Assert.Equal(width, await workflow.Result(Deadline));
        return await workflow.Snapshot();
    }
}
