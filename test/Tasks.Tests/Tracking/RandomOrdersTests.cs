namespace TasksBus.Tests.Tracking;

/// <summary>Whatever order things happen in.</summary>
public sealed class RandomOrdersTests
{
    [Fact]
    public async Task Ten_thousand_random_orders_of_events_leave_a_consistent_run_that_comes_to_its_end()
    {
        var any = new TrackedRun();
        for (var seed = 1; seed <= 10_000; seed++)
        {
            var simulation = new RunSimulation(seed, any);

            var failure = await Record.ExceptionAsync(async () =>
            {
                await simulation.Live(steps: 40);
                await simulation.ComeToAnEnd();
            });

            Assert.True(failure is null, $"Seed {seed}: {failure}{Environment.NewLine}{simulation.Story}");
        }
    }
}
