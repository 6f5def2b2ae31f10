using TasksBus.Configuration;

namespace TasksBus.Tests;

/// <summary>The task queue in the memory of one process.</summary>
public sealed class EmbeddedTaskQueueTests : TaskQueueBehaviour
{
    protected override void UseServers(ITaskQueueBuilder queue)
    {
    }
}
