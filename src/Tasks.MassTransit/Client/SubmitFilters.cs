using System.Text.Json;

using TasksBus.Configuration;

namespace TasksBus.Client;

/// <summary>Lets the application's filters look at what is about to be submitted.</summary>
/// <param name="filters">Classes for which <see cref="IsFilter"/> is true, in order.</param>
/// <param name="catalogue">What the arguments of tasks are.</param>
/// <param name="services">Where the filters are.</param>
internal sealed class SubmitFilters(IEnumerable<Type> filters, TaskCatalogue catalogue, IServiceProvider services)
{
    private readonly ISubmitFilter[] _filters = [.. filters.SelectMany(filter => Of(filter, services.GetService(filter)!))];

    /// <summary>Whether a class filters anything.</summary>
    public static bool IsFilter(Type type) => type.GetInterfaces().Any(contract => contract == typeof(ISubmitFilter) || IsTyped(contract));

    /// <summary>Asks every filter, in order.</summary>
    /// <param name="taskName">The name of the task.</param>
    /// <param name="arguments">The arguments.</param>
    /// <param name="options">How the run differs from its task's options.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <param name="isComplete">Whether these are the arguments of the task: not a list of them, and nothing of them comes from other steps.</param>
    /// <returns>The options to submit with.</returns>
    public async ValueTask<RunOptions?> Apply(string taskName, object? arguments, RunOptions? options, CancellationToken cancellationToken, bool isComplete = true)
    {
        if (isComplete && _filters.Length > 0)
            arguments = Read(taskName, arguments);
        foreach (var filter in _filters)
        {
            options = await filter.BeforeSubmit(taskName, arguments, options ?? new RunOptions(), cancellationToken).ConfigureAwait(false)
                ?? throw new InvalidOperationException(
                    $"Filter '{filter}' gave no options for a run of task '{taskName}'. Return those that it was given, or throw to refuse the run.");
        }

        return options;
    }

    /// <summary>Steps and schedules keep their arguments as JSON, and so may be what is submitted by name. What does not fit stays so: it is refused later.</summary>
    private object? Read(string taskName, object? arguments)
    {
        if (arguments is not Payload payload || catalogue.Find(taskName) is not { } task)
            return arguments;
        try
        {
            return JsonSerializer.Deserialize(payload.Json.Span, task.ArgumentsType, catalogue.Options.Json);
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            return arguments;
        }
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
