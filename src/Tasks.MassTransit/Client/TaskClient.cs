using TasksBus.Configuration;

namespace TasksBus.Client;

/// <summary>What applications submit and find runs with.</summary>
internal sealed class TaskClient(TaskCatalogue catalogue, TaskFinder finder, SubmitFilters filters, RunSubmitter submitter, RunWatcher watcher, IWorkflowDesk workflows, TimeProvider clock) : ITaskClient
{
    /// <summary>How many submissions of <see cref="RunMany{TResult}"/> wait for their confirmation at a time.</summary>
    private const int Pipelined = 200;

    private readonly RunRequest _request = new(catalogue, clock);

    public async Task<TaskHandle<TResult>> Run<TResult>(ITask<TResult> task, RunOptions? options = null, CancellationToken cancellationToken = default) =>
        HandleOf<TResult>(await Submit(task, options, cancellationToken).ConfigureAwait(false));

    public async Task<TaskHandle> Run(ITask task, RunOptions? options = null, CancellationToken cancellationToken = default) =>
        HandleOf<object?>(await Submit(task, options, cancellationToken).ConfigureAwait(false));

    public async Task<TaskHandle> Run(string taskName, object? arguments, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(taskName);
        var task = await finder.OptionsOf(taskName, options, cancellationToken).ConfigureAwait(false);
        return HandleOf<object?>(await Submit(task, arguments, options, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Submits a run at its instant, or a moment before, under an id that follows from what asks for it: that no other task has it, nobody needs to look.</summary>
    public async Task RunAt(DateTimeOffset instant, string taskName, object? arguments, RunOptions options, CancellationToken cancellationToken)
    {
        var task = await finder.OptionsOf(taskName, options, cancellationToken).ConfigureAwait(false);
        options = await filters.Apply(task.Name, arguments, options, cancellationToken).ConfigureAwait(false) ?? options;
        var isAhead = options is { Delay: null, NotBefore: null } && instant > clock.GetUtcNow();
        var submission = _request.Create(task, arguments, isAhead ? options with { NotBefore = instant } : options);
        await submitter.Submit(submission with { HasGivenId = false, Message = submission.Message with { IsAhead = isAhead } }, cancellationToken).ConfigureAwait(false);
    }

    public async Task<IReadOnlyList<TaskHandle<TResult>>> RunMany<TResult>(
        IEnumerable<ITask<TResult>> tasks, RunOptions? options = null, CancellationToken cancellationToken = default) =>
        [.. (await SubmitMany(tasks, options, cancellationToken).ConfigureAwait(false)).Select(HandleOf<TResult>)];

    public async Task<IReadOnlyList<TaskHandle>> RunMany(IEnumerable<ITask> tasks, RunOptions? options = null, CancellationToken cancellationToken = default) =>
        [.. (await SubmitMany(tasks, options, cancellationToken).ConfigureAwait(false)).Select(HandleOf<object?>)];

    public async Task<WorkflowHandle<TResult>> Run<TResult>(Workflow<TResult> workflow, WorkflowOptions? options = null, CancellationToken cancellationToken = default) =>
        FindWorkflow<TResult>(await workflows.Submit(workflow, options, cancellationToken).ConfigureAwait(false));

    public async Task<WorkflowHandle> Run(Workflow workflow, WorkflowOptions? options = null, CancellationToken cancellationToken = default) =>
        FindWorkflow(await workflows.Submit(workflow, options, cancellationToken).ConfigureAwait(false));

    public WorkflowHandle FindWorkflow(Guid workflowId) => workflows.Find<object?>(workflowId);

    public WorkflowHandle<TResult> FindWorkflow<TResult>(Guid workflowId) => workflows.Find<TResult>(workflowId);

    public TaskHandle Find(Guid runId) => Find<object?>(runId);

    public TaskHandle<TResult> Find<TResult>(Guid runId) => HandleOf<TResult>(new Submitted(runId));

    private StoredTaskHandle<TResult> HandleOf<TResult>(Submitted run) =>
        new(run.RunId, watcher, catalogue.Options.Json, FindWorkflow, run.UnknownUntil is { } until ? Until(until) : null);

    private Func<CancellationToken, Task<bool>> Until(DateTimeOffset end) => _ => Task.FromResult(clock.GetUtcNow() < end);

    private Task<Submitted> Submit(ITask task, RunOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(task);
        return Submit(finder.OptionsOf(task.GetType()), task, options, cancellationToken);
    }

    private async Task<Submitted> Submit(TaskOptions task, object? arguments, RunOptions? options, CancellationToken cancellationToken)
    {
        options = await filters.Apply(task.Name, arguments, options, cancellationToken).ConfigureAwait(false);
        return await submitter.Submit(_request.Create(task, arguments, options), cancellationToken).ConfigureAwait(false);
    }

    private async Task<Submitted[]> SubmitMany(IEnumerable<ITask> tasks, RunOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        if (options?.RunId is not null)
            throw new ArgumentException($"{nameof(RunOptions.RunId)} is {options.RunId}, which cannot be the id of many runs. Leave it null, or submit them one by one.", nameof(options));

        var runs = new List<Submission>();
        foreach (var (index, arguments) in tasks.Index())
        {
            if (arguments is null)
                throw new ArgumentException($"Task {index} of those to be submitted is null. Leave it out.", nameof(tasks));
            var task = finder.OptionsOf(arguments.GetType());
            runs.Add(_request.Create(task, arguments, await filters.Apply(task.Name, arguments, options, cancellationToken).ConfigureAwait(false)));
        }

        var submitted = new Submitted[runs.Count];
        await Parallel.ForEachAsync(
            runs.Index(),
            new ParallelOptions { MaxDegreeOfParallelism = Pipelined, CancellationToken = cancellationToken },
            async (run, token) => submitted[run.Index] = await submitter.Submit(run.Item, token).ConfigureAwait(false)).ConfigureAwait(false);
        return submitted;
    }
}
