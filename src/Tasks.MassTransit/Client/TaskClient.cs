using TasksBus.Configuration;
using TasksBus.Queues;

namespace TasksBus.Client;

/// <summary>What applications submit and find runs with.</summary>
internal sealed class TaskClient(TaskCatalogue catalogue, Foundation foundation, SubmitFilters filters, RunSubmitter submitter, RunWatcher watcher, TimeProvider clock) : ITaskClient
{
    /// <summary>How many submissions of <see cref="RunMany{TResult}"/> wait for their confirmation at a time.</summary>
    private const int Pipelined = 200;

    private readonly RunRequest _request = new(catalogue, clock);
    private readonly UnregisteredTasks _unregistered = new(catalogue.Options);

    public async Task<TaskHandle<TResult>> Run<TResult>(ITask<TResult> task, RunOptions? options = null, CancellationToken cancellationToken = default) =>
        Find<TResult>(await Submit(task, options, cancellationToken).ConfigureAwait(false));

    public async Task<TaskHandle> Run(ITask task, RunOptions? options = null, CancellationToken cancellationToken = default) =>
        Find(await Submit(task, options, cancellationToken).ConfigureAwait(false));

    public async Task<TaskHandle> Run(string taskName, object? arguments, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(taskName);
        var task = await OptionsOf(taskName, options, cancellationToken).ConfigureAwait(false);
        return Find(await Submit(task, arguments, options, cancellationToken).ConfigureAwait(false));
    }

    public async Task<IReadOnlyList<TaskHandle<TResult>>> RunMany<TResult>(
        IEnumerable<ITask<TResult>> tasks, RunOptions? options = null, CancellationToken cancellationToken = default) =>
        [.. (await SubmitMany(tasks, options, cancellationToken).ConfigureAwait(false)).Select(Find<TResult>)];

    public async Task<IReadOnlyList<TaskHandle>> RunMany(IEnumerable<ITask> tasks, RunOptions? options = null, CancellationToken cancellationToken = default) =>
        [.. (await SubmitMany(tasks, options, cancellationToken).ConfigureAwait(false)).Select(Find)];

    public TaskHandle Find(Guid runId) => new StoredTaskHandle<object?>(runId, watcher, catalogue.Options.Json);

    public TaskHandle<TResult> Find<TResult>(Guid runId) => new StoredTaskHandle<TResult>(runId, watcher, catalogue.Options.Json);

    private Task<Guid> Submit(ITask task, RunOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(task);
        return Submit(OptionsOf(task.GetType()), task, options, cancellationToken);
    }

    private async Task<Guid> Submit(TaskOptions task, object? arguments, RunOptions? options, CancellationToken cancellationToken)
    {
        options = await filters.Apply(task.Name, arguments, options, cancellationToken).ConfigureAwait(false);
        return await submitter.Submit(_request.Create(task, arguments, options), cancellationToken).ConfigureAwait(false);
    }

    private async Task<Guid[]> SubmitMany(IEnumerable<ITask> tasks, RunOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        if (options?.RunId is not null)
            throw new ArgumentException($"{nameof(RunOptions.RunId)} is {options.RunId}, which cannot be the id of many runs. Leave it null, or submit them one by one.", nameof(options));

        var runs = new List<Submission>();
        foreach (var arguments in tasks)
        {
            var task = OptionsOf(arguments.GetType());
            runs.Add(_request.Create(task, arguments, await filters.Apply(task.Name, arguments, options, cancellationToken).ConfigureAwait(false)));
        }

        var ids = new Guid[runs.Count];
        await Parallel.ForEachAsync(
            runs.Index(),
            new ParallelOptions { MaxDegreeOfParallelism = Pipelined, CancellationToken = cancellationToken },
            async (run, token) => ids[run.Index] = await submitter.Submit(run.Item, token).ConfigureAwait(false)).ConfigureAwait(false);
        return ids;
    }

    private TaskOptions OptionsOf(Type arguments) => catalogue.Find(arguments)?.Options ?? _unregistered.OptionsOf(arguments);

    private async ValueTask<TaskOptions> OptionsOf(string taskName, RunOptions? options, CancellationToken cancellationToken)
    {
        if (catalogue.Find(taskName) is { } known)
            return known.Options;
        if ((options?.Queue ?? QueueRules.RouteFor(taskName, catalogue.Options)) is { } queue)
            return new TaskOptions { Name = taskName, Queue = queue };

        var announced = await foundation.Directory.List(cancellationToken).ConfigureAwait(false);
        if (announced.FirstOrDefault(task => string.Equals(task.TaskName, taskName, StringComparison.Ordinal)) is { } task)
            return new TaskOptions { Name = taskName, Queue = task.Queue };

        var names = catalogue.Tasks.Select(registered => registered.Name).Concat(announced.Select(listing => listing.TaskName));
        throw new UnknownTaskException(
            $"Nobody has registered a task '{taskName}', neither this process nor a worker.{NearMiss.For(taskName, names)} " +
            $"Start its worker once, or name its queue in {nameof(RunOptions)}.{nameof(RunOptions.Queue)}.");
    }
}
