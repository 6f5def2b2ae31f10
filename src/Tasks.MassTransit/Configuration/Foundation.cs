using MassTransit;

using Microsoft.Extensions.DependencyInjection;

using TasksBus.Client;
using TasksBus.Limits;
using TasksBus.Tracking;
using TasksBus.Workflows;

namespace TasksBus.Configuration;

/// <summary>What the task queue of this process stands on: what the application has configured or, under test, what the harness puts in its place.</summary>
internal sealed class Foundation(IServiceProvider services, TaskQueueBuilder builder, TestFoundation? test = null)
{
    /// <summary>Whether nothing may leave this process, whatever is configured.</summary>
    public bool IsTest => test is not null;

    /// <summary>Where everything is kept that must outlive a call.</summary>
    public ISagaStores Stores => test?.Stores ?? services.GetRequiredService<ISagaStores>();

    /// <summary>Where runs are kept.</summary>
    public ISagaStore Runs => Stores.Of(TaskFields.Kind);

    /// <summary>What all workers keep their limits with.</summary>
    public ILimiter Limiter => test?.Limiter ?? services.GetRequiredService<ILimiter>();

    /// <summary>Where the steps of workflows are kept.</summary>
    public IWorkflowStore Workflows => test?.Workflows ?? services.GetRequiredService<IWorkflowStore>();

    /// <summary>Where workers make their tasks known.</summary>
    public ITaskDirectory Directory => test?.Directory ?? services.GetRequiredService<ITaskDirectory>();

    /// <summary>How to reach RabbitMQ on a bus of our own; null if there is none.</summary>
    public Action<IRabbitMqBusFactoryConfigurator, TaskQueueOptions>? RabbitMq => IsTest ? null : builder.RabbitMq;
}

/// <summary>What the test harness puts under the task queue; registered by nobody else.</summary>
/// <remarks>A switch, because services that are replaced in the container come back when the application adds its own after the harness.</remarks>
internal sealed record TestFoundation(ISagaStores Stores, ILimiter Limiter, IWorkflowStore Workflows, ITaskDirectory Directory);
