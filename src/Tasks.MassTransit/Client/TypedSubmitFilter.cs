namespace TasksBus.Client;

/// <summary>A filter of some arguments as one of all: it leaves the others as they are.</summary>
internal sealed class TypedSubmitFilter<TArgs>(ISubmitFilter<TArgs> filter) : ISubmitFilter
    where TArgs : class
{
    public ValueTask<RunOptions> BeforeSubmit(string taskName, object? arguments, RunOptions options, CancellationToken cancellationToken) =>
        arguments is TArgs task ? filter.BeforeSubmit(task, options, cancellationToken) : ValueTask.FromResult(options);

    /// <summary>The name of the filter.</summary>
    public override string ToString() => filter.ToString()!;
}
