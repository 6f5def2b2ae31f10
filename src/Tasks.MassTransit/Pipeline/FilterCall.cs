using System.Reflection;

using Microsoft.Extensions.DependencyInjection;

namespace TasksBus.Pipeline;

/// <summary>Calls one filter in the scope of an attempt.</summary>
/// <param name="attempt">The attempt, with its scope open and its arguments read.</param>
/// <param name="next">What the filter is around.</param>
internal delegate Task<object?> FilterCall(Attempt attempt, Func<Task<object?>> next);

/// <summary>Makes calls of filter classes.</summary>
internal static class FilterCalls
{
    private static readonly MethodInfo OfTyped = typeof(FilterCalls).GetMethod(nameof(Typed), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>Whether a class filters anything.</summary>
    public static bool IsFilter(Type type) => type.GetInterfaces().Any(contract => contract == typeof(ITaskFilter) || IsTyped(contract));

    /// <summary>The calls of a class around tasks of these arguments: one for each of its contracts that fits.</summary>
    public static IEnumerable<FilterCall> Of(Type filter, Type arguments)
    {
        foreach (var contract in filter.GetInterfaces())
        {
            if (contract == typeof(ITaskFilter))
                yield return (attempt, next) => ((ITaskFilter)Resolve(filter, attempt)).Run(attempt.Arguments!, attempt.Context, next);
            else if (IsTyped(contract) && contract.GetGenericArguments()[0].IsAssignableFrom(arguments))
                yield return (FilterCall)OfTyped.MakeGenericMethod(contract.GetGenericArguments()).Invoke(obj: null, [filter])!;
        }
    }

    private static FilterCall Typed<TArgs>(Type filter)
        where TArgs : class =>
        (attempt, next) => ((ITaskFilter<TArgs>)Resolve(filter, attempt)).Run((TArgs)attempt.Arguments!, attempt.Context, next);

    private static bool IsTyped(Type contract) => contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(ITaskFilter<>);

    private static object Resolve(Type filter, Attempt attempt) => ActivatorUtilities.GetServiceOrCreateInstance(attempt.Services!, filter);
}
