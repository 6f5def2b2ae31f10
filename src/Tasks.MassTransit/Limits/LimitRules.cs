using System.Collections.Concurrent;
using System.Collections.Frozen;

using TasksBus.Configuration;

namespace TasksBus.Limits;

/// <summary>Under which limits a run falls: those of the options, and those that were set while the workers ran. Safe to share between threads.</summary>
internal sealed class LimitRules(TaskCatalogue catalogue)
{
    private static readonly Limit Unlimited = new(MaxConcurrent: null, Interval: null);

    private volatile Known _known = new([]);

    /// <summary>Takes in which limits were set.</summary>
    public void Learn(IEnumerable<string> names) => _known = new Known(names.ToFrozenSet(StringComparer.Ordinal));

    /// <summary>The limits of a run; none if it may start at once.</summary>
    public IReadOnlyList<LimitDemand> DemandsOf(TaskOptions task, string queue, string? key, Limit? keyLimit)
    {
        var known = _known;
        if (!known.Shared.TryGetValue((task.Name, queue), out var shared))
            shared = known.Shared[(task.Name, queue)] = [.. Shared(task, queue, known.Settings)];
        return key is null || DemandOfKey(task, key, keyLimit, known.Settings) is not { } demand ? shared : [.. shared, demand];
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

    private IEnumerable<LimitDemand> Shared(TaskOptions task, string queue, FrozenSet<string> settings)
    {
        if (Demand(LimitTarget.Task(task.Name).Name, family: null, OfTask(task), settings) is { } ofTask)
            yield return ofTask;
        if (Demand(LimitTarget.Queue(queue).Name, family: null, catalogue.Options.PerQueue.TryGetValue(queue, out var options) ? options.Limit.ToLimit() : null, settings) is { } ofQueue)
            yield return ofQueue;
    }

    private LimitDemand? DemandOfKey(TaskOptions task, string key, Limit? given, FrozenSet<string> settings) =>
        Demand(LimitTarget.Key(task.Name, key).Name, LimitTarget.EachKey(task.Name).Name, given ?? OfKeys(task), settings);

    private static LimitDemand? Demand(string name, string? family, Limit? limit, FrozenSet<string> settings) =>
        limit is not null || settings.Contains(name) || (family is not null && settings.Contains(family)) ? new LimitDemand(name, family, limit ?? Unlimited) : null;

    private Limit? OfTask(TaskOptions task) => task.Limit.ToLimit() ?? catalogue.Options.TaskLimit.ToLimit();

    private Limit? OfKeys(TaskOptions task) => task.KeyLimit.ToLimit() ?? catalogue.Options.KeyLimit.ToLimit();

    /// <summary>Which limits were set, and what follows from that for tasks and queues: settled once, as long as nothing else is set.</summary>
    private sealed record Known(FrozenSet<string> Settings)
    {
        public ConcurrentDictionary<(string TaskName, string Queue), IReadOnlyList<LimitDemand>> Shared { get; } = new();
    }
}
