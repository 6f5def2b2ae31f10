using System.Reflection;

using MassTransit;

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

using TasksBus.Pipeline;
using TasksBus.Transport;

namespace TasksBus.Configuration;

/// <summary>Collects what is said before the host starts. One for each service collection, so that modules can each add their tasks.</summary>
internal sealed class TaskQueueBuilder(IServiceCollection services) : ITaskQueueBuilder
{
    private readonly List<TaskDeclaration> _declarations = [];
    private readonly List<Action<TaskQueueOptions>> _configure = [];
    private readonly List<IConfiguration> _sections = [];
    private readonly List<Type> _filters = [];
    private readonly List<Type> _submitFilters = [];

    public IServiceCollection Services { get; } = services;

    /// <summary>The configuration of the task queue.</summary>
    public IReadOnlyList<IConfiguration> Sections => _sections;

    /// <summary>Names of sections within it that others read.</summary>
    public ISet<string> ForeignSections { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The filters of submissions, in order.</summary>
    public IEnumerable<Type> SubmitFilters => _submitFilters.Distinct();

    /// <summary>How to reach RabbitMQ on a bus of our own; null if that was not asked for.</summary>
    public Action<IRabbitMqBusFactoryConfigurator, TaskQueueOptions>? RabbitMq { get; private set; }

    public ITaskQueueBuilder AddTask<THandler>(Action<TaskOptions>? configure = null)
        where THandler : class =>
        AddTask(typeof(THandler), configure);

    public ITaskQueueBuilder AddTask(Type handler, Action<TaskOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _declarations.AddRange(HandlerDiscovery.TasksOf(handler, configure));
        Services.TryAddScoped(handler);
        return this;
    }

    public ITaskQueueBuilder AddTask(Delegate handler, Action<TaskOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(handler);
        _declarations.Add(HandlerDiscovery.TaskOf(handler, configure));
        return this;
    }

    public ITaskQueueBuilder AddTasksFrom(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        foreach (var handler in HandlerDiscovery.HandlersIn(assembly))
            AddTask(handler);
        return this;
    }

    public ITaskQueueBuilder AddTaskType<TArgs>(Action<TaskOptions>? configure = null)
        where TArgs : class
    {
        _declarations.Add(new TaskDeclaration(typeof(TArgs), Handler: null, HandlerType: null, CreateInvoker: null, configure));
        return this;
    }

    public ITaskQueueBuilder AddFilter<TFilter>()
        where TFilter : class
    {
        if (!FilterCalls.IsFilter(typeof(TFilter)))
            throw new TaskQueueConfigurationException($"'{typeof(TFilter).FullName}' cannot filter tasks: it is neither {nameof(ITaskFilter)} nor {nameof(ITaskFilter)}<TArgs>. Implement one of them.");
        _filters.Add(typeof(TFilter));
        Services.TryAddScoped<TFilter>();
        return this;
    }

    public ITaskQueueBuilder AddSubmitFilter<TFilter>()
        where TFilter : class
    {
        if (!Client.SubmitFilters.IsFilter(typeof(TFilter)))
            throw new TaskQueueConfigurationException($"'{typeof(TFilter).FullName}' cannot filter submissions: it is neither {nameof(ISubmitFilter)} nor {nameof(ISubmitFilter)}<TArgs>. Implement one of them.");
        _submitFilters.Add(typeof(TFilter));
        Services.TryAddSingleton<TFilter>();
        return this;
    }

    public ITaskQueueBuilder AddObserver<TObserver>()
        where TObserver : class, ITaskObserver
    {
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<ITaskObserver, TObserver>());
        return this;
    }

    public ITaskQueueBuilder AddComponent<TComponent>()
        where TComponent : class, IWorkerComponent
    {
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<IWorkerComponent, TComponent>());
        return this;
    }

    public ITaskQueueBuilder Configure(Action<TaskQueueOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        _configure.Add(configure);
        return this;
    }

    public ITaskQueueBuilder Configure(IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        _sections.Add(section);
        return this;
    }

    public ITaskQueueBuilder UseRabbitMq(string uri)
    {
        if (!Uri.TryCreate(uri, UriKind.Absolute, out var address) || address.Scheme is not ("amqp" or "amqps" or "rabbitmq" or "rabbitmqs"))
            throw new TaskQueueConfigurationException($"'{uri}' is not the address of a RabbitMQ broker. Give one as in amqp://user:password@host:5672/vhost.");
        RabbitMq = (bus, options) => bus.Host(address, host =>
        {
            // MassTransit takes the port for it, not the scheme.
            if (address.Scheme.EndsWith('s'))
                host.UseSsl();
            if (!address.Query.Contains("heartbeat", StringComparison.OrdinalIgnoreCase))
                host.Heartbeat(HeartbeatFor(options.Lease));
            host.OnRefreshConnectionFactory = connections =>
            {
                PromptConnection.Require(connections);
                return Task.CompletedTask;
            };
        });
        return this;
    }

    public ITaskQueueBuilder UseRabbitMq(Action<IRabbitMqBusFactoryConfigurator> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        RabbitMq = (bus, _) => configure(bus);
        return this;
    }

    /// <summary>Settles everything.</summary>
    /// <exception cref="TaskQueueConfigurationException">Something is configured wrongly.</exception>
    public TaskCatalogue Build() => TaskCatalogueBuilder.Build(_configure, _declarations, _sections, [.. _filters.Distinct()], ForeignSections);

    /// <summary>The broker takes a connection for dead when two heartbeats are missing: what a worker that hangs has taken ahead goes to others about when its leases are over.</summary>
    private static ushort HeartbeatFor(TimeSpan lease) => (ushort)Math.Max(1, (int)(lease.TotalSeconds / 2));
}
