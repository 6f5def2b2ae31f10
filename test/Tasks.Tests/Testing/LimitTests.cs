using TasksBus.Tests.Limits;

namespace TasksBus.Tests.Testing;

public class LimitTests
{
    [Fact]
    public async Task A_rate_is_kept_by_the_clock_of_the_test()
    {
        await using var fixture = await HarnessFixture.Start(queue => queue.AddTask((Upload _) => { }, task => task.Limit.Rate = "1/m"));
        var harness = fixture.Harness;

        var runs = await harness.Client.RunMany([new Upload("acme"), new Upload("acme"), new Upload("acme")]);
        await harness.Advance(TimeSpan.FromMinutes(1));
        var afterOne = await Task.WhenAll(runs.Select(run => run.Snapshot()));
        await harness.Advance(TimeSpan.FromMinutes(1));
        var afterTwo = await Task.WhenAll(runs.Select(run => run.Snapshot()));

        Assert.Equal(2, afterOne.Count(run => run.State == TaskState.Succeeded));
        Assert.All(afterTwo, run => Assert.Equal(TaskState.Succeeded, run.State));
    }
}
