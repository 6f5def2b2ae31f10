using System.Collections.Concurrent;
using System.Collections.Frozen;

using TasksBus.Configuration;

namespace TasksBus.Limits;

/// <summary>Under which limits a run falls: those of the options, and those that were set while the workers ran. Safe to share between threads.</summary>
internal sealed class LimitRules(TaskCatalogue catalogue)
{
    private static readonly Limit Unlimited = new(MaxConcurrent: null, Interval: null);

    private readonly TaskCompletionSource _learned = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Known _known = new([]);

    /// <summary>Ends when it is known which limits were set: until then, nothing can be said of any run.</summary>
    public Task Learned => _learned.Task;

    /// <summary>Takes in which limits were set.</summary>
    public void Learn(IEnumerable<string> names)
    {
        _known = new Known(names.ToFrozenSet(StringComparer.Ordinal));
        _learned.TrySetResult();
    }

    /// <summary>The limits of a run, from coarse to fine; none if it may start at once.</summary>
    public IReadOnlyList<LimitDemand> DemandsOf(TaskOptions task, string queue, string? key, Limit? keyLimit)
    {
        var known = _known;
        var place = (task.Name, queue);
        if (!known.Places.TryGetValue(place, out var rules))
            rules = known.Places[place] = Settle(task, queue, known.Settings);
        if (key is null)
            return rules.Shared;

        var (name, limit) = (LimitTarget.Key(task.Name, key).Name, keyLimit ?? rules.OfKeys);
        return limit is not null || rules.IsFamilySet || known.Settings.Contains(name) ? [.. rules.Shared, new LimitDemand(name, rules.Family, limit ?? Unlimited)] : rules.Shared;
    }

    /// <summary>The limits in the options of this process, but for those of single keys.</summary>
    public IEnumerable<(LimitTarget Target, Limit Limit)> Configured()
    {
        foreach (var task in catalogue.Tasks.Select(task => task.Options))
        {
            if (OfTask(task) is { } limit)
                yield return (LimitTarget.Task(task.Name), limit);
            if (OfKeys(task) is { } keys)
                yield return (LimitTarget.EachKey(task.Name), keys);
        }

        foreach (var (queue, options) in catalogue.Options.PerQueue)
        {
            if (options.Limit.ToLimit() is { } limit)
                yield return (LimitTarget.Queue(queue), limit);
        }
    }

    private Place Settle(TaskOptions task, string queue, FrozenSet<string> settings)
    {
        var ofQueue = Demand(LimitTarget.Queue(queue).Name, catalogue.Options.PerQueue.TryGetValue(queue, out var options) ? options.Limit.ToLimit() : null);
        var ofTask = Demand(LimitTarget.Task(task.Name).Name, OfTask(task));
        var family = LimitTarget.EachKey(task.Name).Name;
        return new Place([.. new[] { ofQueue, ofTask }.OfType<LimitDemand>()], family, settings.Contains(family), OfKeys(task));

        LimitDemand? Demand(string name, Limit? limit) => limit is not null || settings.Contains(name) ? new LimitDemand(name, Family: null, limit ?? Unlimited) : null;
    }

    private Limit? OfTask(TaskOptions task) => task.Limit.ToLimit() ?? catalogue.Options.TaskLimit.ToLimit();

    private Limit? OfKeys(TaskOptions task) => task.KeyLimit.ToLimit() ?? catalogue.Options.KeyLimit.ToLimit();

    /// <summary>Which limits were set, and what follows from that for the tasks in their queues: settled once, as long as nothing else is set.</summary>
    private sealed record Known(FrozenSet<string> Settings)
    {
        public ConcurrentDictionary<(string TaskName, string Queue), Place> Places { get; } = new();
    }

    /// <summary>What counts for the runs of a task in a queue.</summary>
    /// <param name="Shared">Their limits, but for those of their keys.</param>
    /// <param name="Family">The name under which those are set together.</param>
    /// <param name="IsFamilySet">Whether something was set for each key.</param>
    /// <param name="OfKeys">What the options say of each key.</param>
    private sealed record Place(IReadOnlyList<LimitDemand> Shared, string Family, bool IsFamilySet, Limit? OfKeys);
}
