using System.Collections.Concurrent;
using System.Globalization;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using Xunit.Abstractions;

namespace TasksBus.FaultTests;

/// <summary>Workflows of every shape, against what a simple model says must become of them.</summary>
public sealed class RandomTreeTests(ITestOutputHelper output)
{
    private const int AtATime = 32;
    private const int Depth = 5;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Of a tree that went wrong, to grow it alone.</summary>
    private static string? Seed => Environment.GetEnvironmentVariable("TASKSBUS_SEED");

    [Fact]
    public async Task Random_trees_end_as_the_model_says_with_the_same_results_failures_and_runs()
    {
        var (count, first) = Seed is { } seed ? (1, int.Parse(seed, CultureInfo.InvariantCulture)) : (Scale.Of(150, 10_000), Random.Shared.Next(1_000_000_000));
        var visits = new TreeVisits();
        using var host = await Start(visits);
        var client = host.Services.GetRequiredService<ITaskClient>();

        var wrong = new ConcurrentBag<string>();
        var (succeeded, runs) = (0, 0);
        await Parallel.ForAsync(first, first + count, new ParallelOptions { MaxDegreeOfParallelism = AtATime }, async (number, _) =>
        {
            var tree = new RandomTrees(number).Grow(Depth);
            if (await Compare(client, visits, tree) is { } difference)
                wrong.Add($"TASKSBUS_SEED={number}: {difference} {tree}");
            var foretold = tree.Foretell();
            Interlocked.Add(ref succeeded, foretold.Value is null ? 0 : 1);
            Interlocked.Add(ref runs, foretold.Must.Count);
        });

        output.WriteLine($"{count} trees from seed {first}: {succeeded} succeeded, {count - succeeded} failed, {runs} runs.");
        Assert.True(wrong.IsEmpty, string.Join('\n', wrong));
        await host.StopAsync();
    }

    /// <summary>What of a tree did not come as foretold; null: nothing.</summary>
    private static async Task<string?> Compare(ITaskClient client, TreeVisits visits, Tree tree)
    {
        var (root, foretold) = (Guid.NewGuid(), tree.Foretell());
        var workflow = await client.Run(tree.Compose(), new WorkflowOptions { Headers = new Dictionary<string, string>(StringComparer.Ordinal) { [TreeTasks.Root] = root.ToString() } });
        WorkflowSnapshot end;
        try
        {
            end = await workflow.Completion(Patience);
        }
        catch (TimeoutException)
        {
            end = await workflow.Snapshot();
            return $"It does not end: {string.Join(", ", end.Steps.Where(step => !step.State.IsFinal()).Select(step => $"'{step.Name}' is {step.State}"))}";
        }

        if (foretold.Value is { } value)
        {
            if (end.State != WorkflowState.Succeeded)
                return $"It ends {end.State} ({end.Failure}), not with {value}.";
            if (await workflow.Result(Patience) is var result && result != value)
                return $"It ends with {result}, not with {value}.";
        }
        else if (end.State != WorkflowState.Failed || !foretold.Culprits.Contains(TreeTasks.CulpritOf(end.Failure)))
        {
            return $"It ends {end.State} because of {end.Failure}, not of one of {string.Join(", ", foretold.Culprits)}.";
        }

        return await CompareVisits(visits.Of(root), foretold);
    }

    /// <remarks>Calls beside a part may be made after the workflow has ended.</remarks>
    private static async Task<string?> CompareVisits(ConcurrentDictionary<int, int> visits, Foretold foretold)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!foretold.Must.All(visits.ContainsKey))
        {
            if (patience.IsCancellationRequested)
                return $"Never run: {string.Join(", ", foretold.Must.Where(id => !visits.ContainsKey(id)))}.";
            await Task.Delay(10, CancellationToken.None);
        }

        return visits.Keys.Except(foretold.May).ToList() is { Count: > 0 } strangers
            ? $"Run although they must not be: {string.Join(", ", strangers)}."
            : visits.Where(visit => visit.Value > 1).Select(visit => $"{visit.Key} was run {visit.Value} times.").FirstOrDefault();
    }

    private static async Task<IHost> Start(TreeVisits visits)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddTaskQueue(queue => TreeTasks.Add(queue.Configure(options => options.Concurrency = 16), visits));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
