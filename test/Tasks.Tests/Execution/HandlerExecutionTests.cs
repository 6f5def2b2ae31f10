using TasksBus.Configuration;

namespace TasksBus.Tests.Execution;

/// <summary>The embedded task queue with every handler on a dedicated thread: time limits, revoking and all the rest mean the same.</summary>
public sealed class DedicatedThreadTaskQueueTests : TaskQueueBehaviour
{
    protected override void UseServers(ITaskQueueBuilder queue) => queue.Configure(options => options.Execution = HandlerExecution.DedicatedThread);
}

/// <summary>The embedded task queue with one attempt at a time: time limits, revoking and all the rest mean the same.</summary>
public sealed class OneAtATimeTaskQueueTests : TaskQueueBehaviour
{
    protected override void UseServers(ITaskQueueBuilder queue) => queue.Configure(options => options.Execution = HandlerExecution.OneAtATime);
}
