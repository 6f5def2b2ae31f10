using Microsoft.Extensions.DependencyInjection;

using TasksBus.Tracking;

namespace TasksBus.Tests.Limits;

/// <summary>Limits whose runs the store has lost.</summary>
public sealed class LostRecordTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task An_attempt_whose_run_is_lost_keeps_its_permit_until_it_ends()
    {
        var gate = new Gate();
        await using var queue = await TaskQueueFixture.Start(queue => queue
            .Configure(options => (options.Lease, options.TaskLimit.MaxConcurrent) = (Lease, 1))
            .AddTask((Work _) => gate.Pass()));
        var held = await queue.Client.Run(new Work());
        await gate.Entered;
        var version = (await TaskQueueFixture.Until(held, TaskState.Running)).Version;
        await queue.Services.GetRequiredService<ISagaStores>().Of(TaskFields.Kind).Remove(held.RunId, version);

        var next = await queue.Client.Run(new Work());

        // A permit that is not renewed is free after the lease and five seconds.
        await Task.Delay(Lease + TimeSpan.FromSeconds(7));
        var visitors = gate.Visitors;
        gate.Open();
        Assert.Equal(1, visitors);
        Assert.Equal(TaskState.Succeeded, (await TaskQueueFixture.EndOf(next)).State);
    }
}
