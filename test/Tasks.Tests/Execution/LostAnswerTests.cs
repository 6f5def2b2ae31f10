using Microsoft.Extensions.DependencyInjection;

using TasksBus.InMemory;
using TasksBus.Tests.Tracking;
using TasksBus.Tracking;

namespace TasksBus.Tests.Execution;

/// <summary>What the store has done and could not say.</summary>
public sealed class LostAnswerTests
{
    private readonly FaultyStores _stores = new(new InMemorySagaStores(TimeProvider.System));

    [Fact]
    public async Task A_claim_whose_answer_is_lost_is_made_again_and_its_worker_has_the_run()
    {
        await using var queue = await TaskQueueFixture.Start(
            queue => queue
                .Configure(options => options.Lease = TimeSpan.FromSeconds(10))
                .AddTask((Add task) => task.X + task.Y),
            services => services.AddSingleton<ISagaStores>(_stores));
        _stores.Claims = new FaultyStores.Fault(First: 1, Last: 1);

        var run = await queue.Client.Run(new Add(1, 2));
        var end = await TaskQueueFixture.EndOf(run);

        Assert.Equal((TaskState.Succeeded, 1), (end.State, end.Attempts.Count));
    }
}
