namespace TasksBus.Client;

/// <summary>Lets the application's filters look at what is about to be submitted.</summary>
/// <param name="filters">Classes for which <see cref="IsFilter"/> is true, in order.</param>
/// <param name="services">Where they are.</param>
internal sealed class SubmitFilters(IEnumerable<Type> filters, IServiceProvider services)
{
    private readonly ISubmitFilter[] _filters = [.. filters.SelectMany(filter => Of(filter, services.GetService(filter)!))];

    /// <summary>Whether a class filters anything.</summary>
    public static bool IsFilter(Type type) => type.GetInterfaces().Any(contract => contract == typeof(ISubmitFilter) || IsTyped(contract));

    /// <summary>Asks every filter, in order.</summary>
    /// <returns>The options to submit with.</returns>
    public async ValueTask<RunOptions?> Apply(string taskName, object? arguments, RunOptions? options, CancellationToken cancellationToken)
    {
        foreach (var filter in _filters)
        {
            options = await filter.BeforeSubmit(taskName, arguments, options ?? new RunOptions(), cancellationToken).ConfigureAwait(false)
                ?? throw new InvalidOperationException(
                    $"Filter '{filter}' gave no options for a run of task '{taskName}'. Return those that it was given, or throw to refuse the run.");
        }

        return options;
    }

    /// <summary>A filter for each of the contracts of a class.</summary>
    private static IEnumerable<ISubmitFilter> Of(Type type, object filter)
    {
        foreach (var contract in type.GetInterfaces())
        {
            if (contract == typeof(ISubmitFilter))
                yield return (ISubmitFilter)filter;
            else if (IsTyped(contract))
                yield return (ISubmitFilter)Activator.CreateInstance(typeof(TypedSubmitFilter<>).MakeGenericType(contract.GetGenericArguments()), filter)!;
        }
    }

    private static bool IsTyped(Type contract) => contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(ISubmitFilter<>);
}
