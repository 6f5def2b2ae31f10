using Microsoft.Extensions.Logging;

using TasksBus.Configuration;
using TasksBus.Observation;
using TasksBus.Queues;
using TasksBus.Tracking;

namespace TasksBus.Client;

/// <summary>Submits runs: what may start goes to its queue, what must wait goes to the store.</summary>
internal sealed class TaskClient(
    TaskCatalogue catalogue, Foundation foundation, RunSender sender, RunTracker tracker, RunWatcher watcher, SubmitFilters filters, ObserverFeed observers, TimeProvider clock, ILogger<TaskClient> log)
    : ITaskClient
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
        var message = _request.Create(task, arguments, options);
        if (options?.RunId is not null)
            await RefuseTakenId(message, cancellationToken).ConfigureAwait(false);
        return await Submit(task, message, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Guid[]> SubmitMany(IEnumerable<ITask> tasks, RunOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        if (options?.RunId is not null)
            throw new ArgumentException($"{nameof(RunOptions.RunId)} is {options.RunId}, which cannot be the id of many runs. Leave it null, or submit them one by one.", nameof(options));

        var runs = new List<(TaskOptions Task, RunMessage Message)>();
        foreach (var arguments in tasks)
        {
            var task = OptionsOf(arguments.GetType());
            runs.Add((task, _request.Create(task, arguments, await filters.Apply(task.Name, arguments, options, cancellationToken).ConfigureAwait(false))));
        }

        await Parallel.ForEachAsync(
            runs,
            new ParallelOptions { MaxDegreeOfParallelism = Pipelined, CancellationToken = cancellationToken },
            async (run, token) => await Submit(run.Task, run.Message, token).ConfigureAwait(false)).ConfigureAwait(false);
        return [.. runs.Select(run => run.Message.RunId)];
    }

    private async Task<Guid> Submit(TaskOptions task, RunMessage message, CancellationToken cancellationToken)
    {
        var run = NewRun.From(message, task, message.Queue!, clock.GetUtcNow());
        await (run.Is(TaskState.Scheduled) ? Schedule(run, cancellationToken) : Send(run, message, cancellationToken)).ConfigureAwait(false);
        observers.Tell(run.ToSnapshot, static (observer, submitted) => observer.Submitted(submitted));
        return message.RunId;
    }

    private async Task Send(TaskSaga run, RunMessage message, CancellationToken cancellationToken)
    {
        await sender.Send(message, cancellationToken).ConfigureAwait(false);
        try
        {
            await Record(run, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is StoreUnavailableException or TimeoutException)
        {
            // The broker has the run, so it will be run and recorded; to fail now would make the caller submit it twice.
            log.NotRecorded(exception, message.TaskName, message.RunId);
        }
    }

    /// <remarks>A run that waits is in the store alone: what the store did not take is not submitted.</remarks>
    private async Task Schedule(TaskSaga run, CancellationToken cancellationToken)
    {
        try
        {
            await Record(run, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is StoreUnavailableException or TimeoutException)
        {
            throw new SubmitException(
                run.CorrelationId,
                $"Run {run.CorrelationId} of task '{run.TaskName}', to start at {run.NotBefore:O}, was not submitted: the store did not confirm it. " +
                $"Submit it again; under the same {nameof(RunOptions.RunId)} that is safe. ({exception.Message})",
                exception);
        }
    }

    private Task<TaskSaga?> Record(TaskSaga run, CancellationToken cancellationToken) =>
        tracker.Submit(run, cancellationToken).AsTask().WaitAsync(catalogue.Options.SubmitTimeout, TimeProvider.System, cancellationToken);

    /// <remarks>Before anything is sent: a worker would take the message for the run that has the id.</remarks>
    private async Task RefuseTakenId(RunMessage message, CancellationToken cancellationToken)
    {
        TaskSnapshot existing;
        try
        {
            existing = await watcher.Snapshot(message.RunId, cancellationToken).AsTask()
                .WaitAsync(catalogue.Options.SubmitTimeout, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is StoreUnavailableException or TimeoutException)
        {
            log.NotCompared(exception, message.TaskName, message.RunId);
            return;
        }

        if (existing.State == TaskState.NotFound || string.Equals(existing.TaskName, message.TaskName, StringComparison.Ordinal))
            return;
        throw new ArgumentException(
            $"{nameof(RunOptions.RunId)} {message.RunId} is that of a run of task '{existing.TaskName}' already, so task '{message.TaskName}' cannot have it. Give it an id of its own.",
            nameof(message));
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
