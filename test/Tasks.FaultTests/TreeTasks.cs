using System.Collections.Concurrent;
using System.Text.Json;

using TasksBus.Configuration;

namespace TasksBus.FaultTests;

/// <summary>How a leaf of a random tree behaves.</summary>
public enum LeafMood
{
    /// <summary>It succeeds.</summary>
    Good,

    /// <summary>It succeeds at its second attempt.</summary>
    Moody,

    /// <summary>It fails for good.</summary>
    Bad,
}

/// <summary>Gives a value.</summary>
public sealed record Leaf(int Id, int Value, LeafMood Mood) : ITask<int>;

/// <summary>Gives a value more than what was before.</summary>
public sealed record Plus(int Before, int Id, int Value, LeafMood Mood) : ITask<int>;

/// <summary>Gives the sum.</summary>
public sealed record Total(IReadOnlyList<int> Numbers, int Id) : ITask<int>;

/// <summary>Hands over to another workflow, which it has as JSON.</summary>
public sealed record Hand(string Json) : ITask<int>;

/// <summary>How often which leaf of which tree was run.</summary>
internal sealed class TreeVisits
{
    private readonly ConcurrentDictionary<Guid, ConcurrentDictionary<int, int>> _trees = new();

    public ConcurrentDictionary<int, int> Of(Guid root) => _trees.GetOrAdd(root, static _ => new ConcurrentDictionary<int, int>());
}

/// <summary>The tasks of random trees; each run says once that it has been.</summary>
internal static class TreeTasks
{
    /// <summary>The header that says of which tree a run is.</summary>
    public const string Root = "root";

    public static void Add(ITaskQueueBuilder queue, TreeVisits visits)
    {
        queue.AddTask((Leaf task, TaskContext context) => Task.FromResult(Visit(context, task.Id, task.Mood, task.Value)), Hurry);
        queue.AddTask((Plus task, TaskContext context) => Task.FromResult(Visit(context, task.Id, task.Mood, task.Before + task.Value)), Hurry);
        queue.AddTask((Total task, TaskContext context) => Task.FromResult(Visit(context, task.Id, LeafMood.Good, task.Numbers.Sum())), Hurry);
        queue.AddTask((Hand task, TaskContext context) => Task.FromResult(context.ContinueAs(JsonSerializer.Deserialize<Workflow<int>>(task.Json, JsonSerializerOptions.Web)!)), Hurry);

        int Visit(TaskContext context, int id, LeafMood mood, int value)
        {
            if (mood == LeafMood.Moody && context.Attempt == 1)
                throw new InvalidOperationException($"{id} is moody");
            visits.Of(Guid.Parse(context.Headers[Root])).AddOrUpdate(id, 1, static (_, count) => count + 1);
            return mood == LeafMood.Bad ? throw new RejectTaskException($"leaf {id}") : value;
        }
    }

    /// <summary>Which leaf a failure is of; -1 if it does not say.</summary>
    public static int CulpritOf(StepFailure? failure) => failure?.Error?.Message is ['l', 'e', 'a', 'f', ' ', .. var id] ? int.Parse(id, System.Globalization.CultureInfo.InvariantCulture) : -1;

    private static void Hurry(TaskOptions task)
    {
        task.Retry.MaxAttempts = 2;
        task.Retry.Delay = TimeSpan.Zero;
    }
}
