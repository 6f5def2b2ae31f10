using Microsoft.Extensions.DependencyInjection;

using TasksBus.InMemory;
using TasksBus.Tests.Limits;
using TasksBus.Tests.Tracking;
using TasksBus.Tracking;

namespace TasksBus.Tests.Client;

/// <summary>How long a submission may take in all.</summary>
public sealed class SubmitDeadlineTests
{
    private readonly FaultyStores _stores = new(new InMemorySagaStores(TimeProvider.System)) { Silence = new() };

    [Fact]
    public async Task All_steps_of_a_submission_share_its_time()
    {
        await using var queue = await Start(submitTimeout: TimeSpan.FromSeconds(5));
        await using var slower = await Start(submitTimeout: TimeSpan.FromSeconds(9));

        // Two steps of five seconds each would end after the one step of nine.
        var compared = queue.Client.Run(new Upload("acme"), new RunOptions { RunId = Guid.CreateVersion7(), Delay = TimeSpan.FromHours(1) });
        var recorded = slower.Client.Run(new Upload("acme"), new RunOptions { Delay = TimeSpan.FromHours(1) });
        var first = await Task.WhenAny(compared, recorded);

        Assert.Same(compared, first);
        await Assert.ThrowsAsync<SubmitException>(() => compared);
        await Assert.ThrowsAsync<SubmitException>(() => recorded);
        _stores.Silence!.SetResult();
    }

    [Fact]
    public async Task A_run_with_a_given_id_is_sent_although_the_store_does_not_say_whose_that_is()
    {
        await using var queue = await Start(submitTimeout: TimeSpan.FromSeconds(2));

        var run = await queue.Client.Run(new Upload("acme"), new RunOptions { RunId = Guid.CreateVersion7() });
        _stores.Silence!.SetResult();

        Assert.Equal(TaskState.Succeeded, (await TaskQueueFixture.EndOf(run)).State);
    }

    private Task<TaskQueueFixture> Start(TimeSpan submitTimeout) => TaskQueueFixture.Start(
        queue => queue.AddTask((Upload _) => { }).Configure(options => options.SubmitTimeout = submitTimeout),
        services => services.AddSingleton<ISagaStores>(_stores));
}
