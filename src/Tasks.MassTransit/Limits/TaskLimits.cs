using TasksBus.Configuration;

namespace TasksBus.Limits;

/// <summary>Sets and shows limits.</summary>
internal sealed class TaskLimits(Foundation foundation, LimitRules rules, TaskCatalogue catalogue, ITaskQueues queues) : ITaskLimits
{
    public async Task Set(LimitTarget target, LimitOptions limit, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(limit);
        if (OptionsCheck.Fault(limit) is { } fault)
            throw new ArgumentException($"The limit of {target} cannot be set: {fault}", nameof(limit));
        await RefuseUnknown(target, cancellationToken).ConfigureAwait(false);
        await foundation.Limiter.Set(target.Name, limit.ToLimit() ?? new Limit(MaxConcurrent: null, Interval: null), cancellationToken).ConfigureAwait(false);
        await Learn(cancellationToken).ConfigureAwait(false);
    }

    public async Task Reset(LimitTarget target, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        await foundation.Limiter.Set(target.Name, limit: null, cancellationToken).ConfigureAwait(false);
        await Learn(cancellationToken).ConfigureAwait(false);
    }

    public async Task<IReadOnlyList<LimitSnapshot>> List(CancellationToken cancellationToken = default)
    {
        var settings = await foundation.Limiter.Settings(cancellationToken).ConfigureAwait(false);
        var limits = rules.Configured().ToDictionary(entry => entry.Target.Name, entry => entry.Limit, StringComparer.Ordinal);
        foreach (var (name, limit) in settings)
            limits[name] = limit;

        var names = limits.Keys.Order(StringComparer.Ordinal).ToList();
        var counts = await foundation.Limiter.Count(names, cancellationToken).ConfigureAwait(false);
        return [.. names.Zip(counts, (name, count) => Show(name, limits[name], settings.ContainsKey(name), count))];
    }

    public async Task<LimitSnapshot> Find(LimitTarget target, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        var known = await List(cancellationToken).ConfigureAwait(false);
        return known.FirstOrDefault(limit => limit.Target == target)
            ?? Show(target.Name, new Limit(MaxConcurrent: null, Interval: null), isSet: false, (await foundation.Limiter.Count([target.Name], cancellationToken).ConfigureAwait(false))[0]);
    }

    /// <remarks>A limit that nobody falls under would be taken for one that works.</remarks>
    private async Task RefuseUnknown(LimitTarget target, CancellationToken cancellationToken)
    {
        var announced = await foundation.Directory.List(cancellationToken).ConfigureAwait(false);
        if (target.TaskName is { } task)
        {
            var tasks = catalogue.Tasks.Select(known => known.Name).Concat(announced.Select(listing => listing.TaskName)).ToHashSet(StringComparer.Ordinal);
            if (!tasks.Contains(task))
                throw new UnknownTaskException($"Nobody has registered a task '{task}', neither this process nor a worker.{NearMiss.For(task, tasks)} Correct its name, or start its worker once.");
        }
        else if (target.QueueName is { } queue)
        {
            var known = (await queues.List(cancellationToken).ConfigureAwait(false)).Select(one => one.Name).Concat(announced.Select(listing => listing.Queue)).ToHashSet(StringComparer.Ordinal);
            if (!known.Contains(queue))
                throw new UnknownQueueException($"Queue '{queue}' is known neither to this process nor to a worker.{NearMiss.For(queue, known)} Correct its name, or add it to {nameof(TaskQueueOptions.Queues)}.");
        }
    }

    private async Task Learn(CancellationToken cancellationToken) => rules.Learn((await foundation.Limiter.Settings(cancellationToken).ConfigureAwait(false)).Keys);

    private static LimitSnapshot Show(string name, Limit limit, bool isSet, (long Running, long Waiting) count) =>
        new(LimitTarget.Named(name), limit.MaxConcurrent, limit.Interval, limit.Burst, isSet, count.Running, count.Waiting);
}
