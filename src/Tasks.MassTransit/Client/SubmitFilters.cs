namespace TasksBus.Client;

/// <summary>Lets the application's filters look at what is about to be submitted.</summary>
internal sealed class SubmitFilters(IEnumerable<ISubmitFilter> filters)
{
    private readonly ISubmitFilter[] _filters = [.. filters];

    /// <summary>Asks every filter, in order.</summary>
    /// <returns>The options to submit with.</returns>
    public async ValueTask<RunOptions?> Apply(string taskName, object? arguments, RunOptions? options, CancellationToken cancellationToken)
    {
        foreach (var filter in _filters)
        {
            options = await filter.BeforeSubmit(taskName, arguments, options ?? new RunOptions(), cancellationToken).ConfigureAwait(false)
                ?? throw new InvalidOperationException(
                    $"Filter '{filter.GetType().FullName}' gave no options for a run of task '{taskName}'. Return those that it was given, or throw to refuse the run.");
        }

        return options;
    }
}
