using Microsoft.Extensions.DependencyInjection;

using TasksBus.Testing;

namespace TasksBus.Tests.Testing;

public class ControlTests
{
    [Fact]
    public async Task Runs_are_found_for_revoking_while_the_clock_stands_still()
    {
        await using var services = new ServiceCollection().AddTaskQueueTestHarness(queue => queue.AddTask(Handlers.Hang)).BuildServiceProvider(validateScopes: true);
        var harness = services.GetRequiredService<ITaskQueueTestHarness>();
        await harness.Start();
        var run = await harness.Client.Run(new Import("a.csv"), new RunOptions { Delay = TimeSpan.FromHours(1) });

        var answers = await services.GetRequiredService<ITaskControl>().Revoke(new TaskQuery { TaskName = TaskName.Of(typeof(Import)) });

        Assert.Equal([new RevokeAnswer(run.RunId, RevokeResult.Revoked)], answers);
    }
}
