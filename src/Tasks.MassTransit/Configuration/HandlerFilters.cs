using TasksBus.Pipeline;

namespace TasksBus.Configuration;

/// <summary>Settles which filters are around the handler of a task.</summary>
internal static class HandlerFilters
{
    /// <summary>Puts the filters of all tasks that fit, and within them those of the task, around its invoker.</summary>
    /// <exception cref="TaskQueueConfigurationException">A filter of the task does not fit it.</exception>
    public static ITaskInvoker Around(ITaskInvoker invoker, Type arguments, TaskOptions options, IEnumerable<Type> ofAllTasks)
    {
        var calls = ofAllTasks.SelectMany(filter => FilterCalls.Of(filter, arguments)).ToList();
        foreach (var filter in options.Filters)
        {
            var before = calls.Count;
            calls.AddRange(FilterCalls.Of(filter, arguments));
            if (calls.Count == before)
            {
                throw new TaskQueueConfigurationException(
                    $"'{filter.FullName}' in {nameof(TaskOptions.Filters)} of task '{options.Name}' cannot filter it: it is neither {nameof(ITaskFilter)} nor " +
                    $"{nameof(ITaskFilter)}<{arguments.Name}>. Implement one of them, or remove it.");
            }
        }

        return calls.Count == 0 ? invoker : new FilteredInvoker(invoker, calls);
    }
}
