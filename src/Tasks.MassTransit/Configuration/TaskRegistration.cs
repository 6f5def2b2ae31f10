using MassTransit;

using TasksBus.Pipeline;
using TasksBus.Transport;

namespace TasksBus.Configuration;

/// <summary>A task that this process knows.</summary>
internal abstract class TaskRegistration(TaskOptions options, ITaskInvoker? invoker)
{
    public abstract Type ArgumentsType { get; }

    public TaskOptions Options { get; } = options;

    /// <summary>The user's code; null if this process only submits the task.</summary>
    public ITaskInvoker? Invoker { get; } = invoker;

    public string Name => Options.Name;

    public string Queue => Options.Queue!;

    /// <summary>Makes what any application publishes as a <see cref="RunTask{TArgs}"/> arrive at an endpoint.</summary>
    public abstract void Bind(IReceiveEndpointConfigurator endpoint, IQueueTransport transport);

    /// <summary>Makes what this process publishes as a <see cref="RunTask{TArgs}"/> wait in the queue of the task.</summary>
    public abstract void BindPublished(IRabbitMqPublishTopologyConfigurator topology, BrokerNames names, bool isQuorum);

    public static TaskRegistration Create(Type arguments, TaskOptions options, ITaskInvoker? invoker) =>
        (TaskRegistration)Activator.CreateInstance(typeof(Of<>).MakeGenericType(arguments), options, invoker)!;

    private sealed class Of<TArgs>(TaskOptions options, ITaskInvoker? invoker) : TaskRegistration(options, invoker)
        where TArgs : class
    {
        public override Type ArgumentsType => typeof(TArgs);

        public override void Bind(IReceiveEndpointConfigurator endpoint, IQueueTransport transport) => transport.Bind<RunTask<TArgs>>(endpoint);

        public override void BindPublished(IRabbitMqPublishTopologyConfigurator topology, BrokerNames names, bool isQuorum) =>
            RabbitMqTransport.BindPublished<RunTask<TArgs>>(topology, names.Queue(Queue), isQuorum);
    }
}

/// <summary>A task as it was registered, before its options are settled.</summary>
/// <param name="ArgumentsType">The arguments.</param>
/// <param name="Handler">What handles it, for messages; null if this process only submits it.</param>
/// <param name="HandlerType">The handler's class, for its attribute; null for a delegate.</param>
/// <param name="CreateInvoker">Makes the invoker once the options of the queue are settled.</param>
/// <param name="Configure">Options in code.</param>
internal sealed record TaskDeclaration(
    Type ArgumentsType, string? Handler, Type? HandlerType, Func<TaskQueueOptions, ITaskInvoker>? CreateInvoker, Action<TaskOptions>? Configure);
