using System.Collections.Concurrent;

namespace TasksBus.Client;

/// <summary>The options of a task that this process submits without having registered it: those that its type carries.</summary>
internal static class UnregisteredTask
{
    private static readonly ConcurrentDictionary<Type, TaskOptions> Options = new();

    public static TaskOptions OptionsOf(Type arguments, TaskQueueOptions queue) => Options.GetOrAdd(arguments, static (type, queue) =>
    {
        var options = new TaskOptions { Name = TaskName.Of(type) };
        ((TaskDefaultsAttribute?)Attribute.GetCustomAttribute(type, typeof(TaskDefaultsAttribute)))?.ApplyTo(options);
        options.Queue ??= queue.DefaultQueue;
        return options;
    }, queue);
}
