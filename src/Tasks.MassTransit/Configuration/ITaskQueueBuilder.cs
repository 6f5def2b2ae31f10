using System.Reflection;

using MassTransit;

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace TasksBus.Configuration;

/// <summary>Says which tasks an application has and what its task queue stands on. Everything is settled and checked once, when the host starts.</summary>
public interface ITaskQueueBuilder
{
    /// <summary>The application's services.</summary>
    IServiceCollection Services { get; }

    /// <summary>
    /// Registers a handler for each task whose <see cref="ITaskHandler{TArgs}"/>, <see cref="ITaskHandler{TArgs, TResult}"/>,
    /// <see cref="ITaskBatchHandler{TArgs}"/> or <see cref="ITaskBatchHandler{TArgs, TResult}"/> it implements.
    /// </summary>
    /// <param name="configure">Options of the tasks; win over attributes.</param>
    /// <exception cref="TaskQueueConfigurationException"><typeparamref name="THandler"/> handles no task.</exception>
    ITaskQueueBuilder AddTask<THandler>(Action<TaskOptions>? configure = null)
        where THandler : class;

    /// <summary>Registers a handler for each task whose <see cref="ITaskHandler{TArgs}"/> or <see cref="ITaskHandler{TArgs, TResult}"/> it implements.</summary>
    /// <param name="handler">A class that can be created from the application's services.</param>
    /// <param name="configure">Options of the tasks; win over attributes.</param>
    /// <exception cref="TaskQueueConfigurationException">The class handles no task.</exception>
    ITaskQueueBuilder AddTask(Type handler, Action<TaskOptions>? configure = null);

    /// <summary>Registers a delegate as the handler of a task.</summary>
    /// <param name="handler">
    /// Its first parameter is the arguments; then, in any order, a <see cref="TaskContext"/>, a <see cref="CancellationToken"/> and services.
    /// Returns the result, or a task of it, or nothing.
    /// </param>
    /// <param name="configure">Options of the task; win over attributes.</param>
    /// <exception cref="TaskQueueConfigurationException">The first parameter cannot be the arguments.</exception>
    ITaskQueueBuilder AddTask(Delegate handler, Action<TaskOptions>? configure = null);

    /// <summary>Registers every handler class of an assembly.</summary>
    ITaskQueueBuilder AddTasksFrom(Assembly assembly);

    /// <summary>Makes a task known that this process submits, and another one handles.</summary>
    /// <param name="configure">Options of the task, such as its queue; win over attributes.</param>
    ITaskQueueBuilder AddTaskType<TArgs>(Action<TaskOptions>? configure = null)
        where TArgs : class;

    /// <summary>Puts a filter around the handlers of all tasks, or, by <see cref="ITaskFilter{TArgs}"/>, of those whose arguments fit. The first added is the outermost.</summary>
    /// <typeparam name="TFilter">An <see cref="ITaskFilter"/> or <see cref="ITaskFilter{TArgs}"/>, from the scope of each attempt.</typeparam>
    /// <exception cref="TaskQueueConfigurationException"><typeparamref name="TFilter"/> is neither.</exception>
    ITaskQueueBuilder AddFilter<TFilter>()
        where TFilter : class;

    /// <summary>Lets a filter see all runs or, by <see cref="ISubmitFilter{TArgs}"/>, those whose arguments fit, before they are submitted and after the filters added before.</summary>
    /// <typeparam name="TFilter">An <see cref="ISubmitFilter"/> or <see cref="ISubmitFilter{TArgs}"/>, one for the process.</typeparam>
    /// <exception cref="TaskQueueConfigurationException"><typeparamref name="TFilter"/> is neither.</exception>
    ITaskQueueBuilder AddSubmitFilter<TFilter>()
        where TFilter : class;

    /// <summary>Tells an observer what happens to runs and to the worker.</summary>
    ITaskQueueBuilder AddObserver<TObserver>()
        where TObserver : class, ITaskObserver;

    /// <summary>Starts a component before the worker takes its first run, after those added before, and stops it after its last.</summary>
    ITaskQueueBuilder AddComponent<TComponent>()
        where TComponent : class, IWorkerComponent;

    /// <summary>Sets options of the queue.</summary>
    ITaskQueueBuilder Configure(Action<TaskQueueOptions> configure);

    /// <summary>
    /// Reads options from the configuration: those of <see cref="TaskQueueOptions"/> from the section itself, those of each task from
    /// <c>Tasks:{task name}</c> below it. They win over options in code and over attributes.
    /// </summary>
    ITaskQueueBuilder Configure(IConfiguration section);

    /// <summary>Gives the task queue a bus of its own on RabbitMQ, whatever other bus the application has.</summary>
    /// <param name="uri">As in <c>amqp://guest:guest@localhost:5672/vhost</c>.</param>
    /// <exception cref="TaskQueueConfigurationException">It is not such an address.</exception>
    ITaskQueueBuilder UseRabbitMq(string uri);

    /// <summary>Gives the task queue a bus of its own on RabbitMQ, whatever other bus the application has.</summary>
    ITaskQueueBuilder UseRabbitMq(Action<IRabbitMqBusFactoryConfigurator> configure);
}
