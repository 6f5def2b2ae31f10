namespace TasksBus.Tests.Testing;

public class ProgressTests
{
    [Fact]
    public async Task Every_progress_of_a_run_is_kept_in_order()
    {
        await using var fixture = await HarnessFixture.Start(queue => queue.AddTask(async (Import _, TaskContext context) =>
        {
            for (var line = 1; line <= 500; line++)
                await context.ReportProgress(line, 500, "lines");
        }));
        var harness = fixture.Harness;

        var run = await harness.Client.Run(new Import("a.csv"));
        await run.Completion();

        Assert.Equal(Enumerable.Range(1, 500).Select(line => new TaskProgress(line, 500, "lines")), harness.Progress(run.RunId));
    }

    [Fact]
    public async Task The_progress_of_all_attempts_is_kept()
    {
        await using var fixture = await HarnessFixture.Start(queue => queue.AddTask(async (Import _, TaskContext context) =>
        {
            await context.ReportProgress(context.Attempt);
            if (context.Attempt < 3)
                throw new RetryTaskException(TimeSpan.FromMinutes(1));
        }));
        var harness = fixture.Harness;

        var run = await harness.Client.Run(new Import("a.csv"));
        await harness.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal([1L, 2L, 3L], harness.Progress(run.RunId).Select(progress => progress.Done));
    }

    [Fact]
    public async Task An_interval_that_the_application_sets_is_kept()
    {
        await using var fixture = await HarnessFixture.Start(queue => queue
            .Configure(options => options.ProgressInterval = TimeSpan.FromSeconds(30))
            .AddTask(async (Import _, TaskContext context) =>
            {
                for (var line = 1; line <= 500; line++)
                    await context.ReportProgress(line, 500);
            }));
        var harness = fixture.Harness;

        var run = await harness.Client.Run(new Import("a.csv"));
        await run.Completion();

        Assert.Equal([1L, 500L], harness.Progress(run.RunId).Select(progress => progress.Done));
    }

    [Fact]
    public async Task Of_a_run_that_reports_nothing_there_is_no_progress()
    {
        await using var fixture = await HarnessFixture.Start(queue => queue.AddTask<GreetHandler>());

        Assert.Empty(fixture.Harness.Progress(Guid.NewGuid()));
    }
}
