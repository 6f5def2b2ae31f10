using System.Collections.Concurrent;

using TasksBus.Queues;

namespace TasksBus.Client;

/// <summary>The options of tasks that this process submits without having registered them: those that their types carry. Safe to share between threads.</summary>
internal sealed class UnregisteredTasks(TaskQueueOptions queue)
{
    private readonly ConcurrentDictionary<Type, TaskOptions> _options = new();

    public TaskOptions OptionsOf(Type arguments) => _options.GetOrAdd(arguments, Read);

    private TaskOptions Read(Type arguments)
    {
        var options = new TaskOptions { Name = TaskName.Of(arguments) };
        ((TaskDefaultsAttribute?)Attribute.GetCustomAttribute(arguments, typeof(TaskDefaultsAttribute)))?.ApplyTo(options);
        options.Queue ??= QueueRules.QueueFor(options.Name, queue);
        return options;
    }
}
