namespace TasksBus;

/// <summary>Sees every run that this process submits, before anything of it is sent: to add headers, to change options, to refuse it.</summary>
/// <remarks>
/// One for the process; safe to share between threads. Filters run in the order in which they were added, each on what the one before returned. Runs that
/// applications publish without <see cref="ITaskClient"/> pass none.
/// </remarks>
public interface ISubmitFilter
{
    /// <summary>Looks at a run that is about to be submitted. What it throws, the submitter gets, and nothing is sent: of many runs submitted in one call, none.</summary>
    /// <param name="taskName">The name of the task.</param>
    /// <param name="arguments">The arguments; null if it was submitted by name without any; a <see cref="Payload"/> if this process does not know their type, or not all of them yet.</param>
    /// <param name="options">How the run differs from its task's options.</param>
    /// <param name="cancellationToken">Cancelled when the submitter no longer waits.</param>
    /// <returns>The options to go on with: those given or, made by <c>options with { … }</c>, others.</returns>
    ValueTask<RunOptions> BeforeSubmit(string taskName, object? arguments, RunOptions options, CancellationToken cancellationToken);
}

/// <summary>Sees the runs that this process submits whose arguments are <typeparamref name="TArgs"/>.</summary>
/// <remarks>
/// As <see cref="ISubmitFilter"/> in everything else. It sees what schedules and workflows submit, too, but no step whose arguments are not known yet, because they
/// come from other steps or are a list.
/// </remarks>
/// <typeparam name="TArgs">The arguments of one task, or a base class or an interface of those of many.</typeparam>
public interface ISubmitFilter<in TArgs>
    where TArgs : class
{
    /// <inheritdoc cref="ISubmitFilter.BeforeSubmit"/>
    /// <param name="task">The arguments.</param>
    /// <param name="options">How the run differs from its task's options.</param>
    /// <param name="cancellationToken">Cancelled when the submitter no longer waits.</param>
    ValueTask<RunOptions> BeforeSubmit(TArgs task, RunOptions options, CancellationToken cancellationToken);
}
