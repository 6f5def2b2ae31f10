using Microsoft.Extensions.DependencyInjection;

using Quartz;

using TasksBus.Tests.Schedules;

using Xunit.Abstractions;

namespace TasksBus.FaultTests;

/// <summary>Scheduler nodes on a clustered PostgreSQL that die.</summary>
public sealed class KilledDatabaseNodeTests(OwnPostgreSql postgreSql, ITestOutputHelper output) : IClassFixture<OwnPostgreSql>
{
    private const int Schedules = 10;

    [Fact]
    [Trait("Category", "Faults")]
    public async Task When_a_node_is_killed_the_others_go_on_within_ten_seconds_and_no_occurrence_is_missed_or_doubled()
    {
        await using var worker = await OccurrenceWorker.Start(
            ["--PostgreSql", postgreSql.ConnectionString], queue => queue.UseQuartzStore(store => store.UsePostgres(postgreSql.ConnectionString).ProvisionSchema().UseClustering()));
        var nodes = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => worker.StartNode()));
        await worker.Put(Schedules, TimeSpan.FromMilliseconds(500));

        foreach (var victim in nodes)
        {
            await UntilAllGoOn(worker, since: TimeProvider.System.GetUtcNow());
            await victim.Kill();
            await UntilAllGoOn(worker, since: TimeProvider.System.GetUtcNow());
            await victim.DisposeAsync();
            nodes[Array.IndexOf(nodes, victim)] = await worker.StartNode();
        }

        await UntilAllGoOn(worker, since: TimeProvider.System.GetUtcNow());
        foreach (var node in nodes)
            await node.DisposeAsync();
        Judge(worker.Runs);
    }

    private void Judge(IReadOnlyCollection<OccurrenceRun> occurrences)
    {
        var schedules = occurrences.GroupBy(run => run.Schedule).Select(runs => runs.OrderBy(run => run.Instant).ToList()).ToList();
        var steps = schedules.SelectMany(runs => runs.Zip(runs.Skip(1), (one, next) => next.Instant - one.Instant)).ToList();
        var silences = schedules.SelectMany(runs => runs.Select(run => run.StartedAt).Order().ToList() is var all ? all.Zip(all.Skip(1), (one, next) => next - one) : []).ToList();

        output.WriteLine($"{occurrences.Count} occurrences of {schedules.Count} schedules; longest silence of one: {silences.Max().TotalSeconds:F1} s.");
        Assert.Equal(Schedules, schedules.Count);
        Assert.All(steps, step => Assert.Equal(TimeSpan.FromMilliseconds(500), step));
        Assert.True(silences.Max() <= TimeSpan.FromSeconds(10), $"A schedule was silent for {silences.Max()}.");
    }

    /// <summary>Waits until each schedule has had an occurrence that was due since then.</summary>
    private static async Task UntilAllGoOn(OccurrenceWorker worker, DateTimeOffset since)
    {
        using var patience = new CancellationTokenSource(Fleet.Patience);
        while (worker.Runs.Where(run => run.Instant > since).Select(run => run.Schedule).ToHashSet(StringComparer.Ordinal).Count < Schedules)
            await Task.Delay(TimeSpan.FromMilliseconds(20), patience.Token);
    }
}
