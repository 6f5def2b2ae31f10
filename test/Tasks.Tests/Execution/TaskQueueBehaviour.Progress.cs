namespace TasksBus.Tests;

/// <content>What a handler tells of its attempt, and what it keeps for the next one.</content>
public abstract partial class TaskQueueBehaviour
{
    [Fact]
    public async Task Progress_is_kept_with_the_run()
    {
        await using var queue = await StartWork(async context => await context.ReportProgress(30, 100, "tiles"));

        var run = await queue.Client.Run(new Work());

        var progress = (await TaskQueueFixture.EndOf(run)).Progress;
        Assert.Equal(new TaskProgress(30, 100, "tiles"), progress);
        Assert.Equal((0.3, "30/100 tiles"), (progress!.Fraction, progress.ToString()));
    }

    [Fact]
    public async Task Progress_that_goes_down_is_ignored()
    {
        await using var queue = await StartWork(async context =>
        {
            await context.ReportProgress(30, 100);
            await context.ReportProgress(20, 100);
        });

        var run = await queue.Client.Run(new Work());

        Assert.Equal(30, (await TaskQueueFixture.EndOf(run)).Progress?.Done);
    }

    [Theory]
    [InlineData(-1L, 100L, "done")]
    [InlineData(101L, 100L, "done")]
    [InlineData(0L, -1L, "total")]
    public async Task Progress_that_cannot_be_is_an_error_of_the_handler(long done, long total, string parameter)
    {
        await using var queue = await StartWork(async context => await context.ReportProgress(done, total), task => task.Retry.MaxAttempts = 1);

        var run = await queue.Client.Run(new Work());

        var end = await TaskQueueFixture.EndOf(run);
        Assert.Equal((TaskState.Failed, typeof(ArgumentOutOfRangeException).FullName), (end.State, end.Error?.Type));
        Assert.Contains($"'{parameter}'", end.Error!.Message, StringComparison.Ordinal);
        Assert.Null(end.Progress);
    }

    [Fact]
    public async Task Progress_beyond_its_total_is_refused_with_both_numbers_and_the_way_out()
    {
        await using var queue = await StartWork(async context => await context.ReportProgress(101, 100), task => task.Retry.MaxAttempts = 1);

        var run = await queue.Client.Run(new Work());

        var message = (await TaskQueueFixture.EndOf(run)).Error!.Message;
        Assert.Contains("beyond its total of 100", message, StringComparison.Ordinal);
        Assert.Contains("101", message, StringComparison.Ordinal);
        Assert.Contains("Report at most the total", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Progress_reported_in_quick_succession_is_merged_and_the_latest_is_kept()
    {
        var gate = new Gate();
        await using var queue = await StartWork(async context =>
        {
            await gate.Pass();
            for (var done = 1; done <= 10_000; done++)
                await context.ReportProgress(done, 10_000);
        });
        var run = await queue.Client.Run(new Work());
        await gate.Entered;

        var watch = Watched(run);
        gate.Open();

        var seen = (await watch).Where(snapshot => snapshot.Progress is not null).ToList();
        Assert.Equal(10_000, seen[^1].Progress?.Done);
        Assert.True(seen.Count < 100, $"{seen.Count} of 10,000 reports were written.");
    }

    [Fact]
    public async Task Every_report_is_written_if_no_interval_is_wanted()
    {
        await using var queue = await Start(queue => queue
            .Configure(options => options.ProgressInterval = TimeSpan.Zero)
            .AddTask(async (Ask _, TaskContext context, ITaskClient client) =>
            {
                await context.ReportProgress(1, 2);
                return (await client.Find(context.RunId).Snapshot()).Progress?.ToString();
            }));

        var run = await queue.Client.Run(new Ask());

        Assert.Equal("1/2", await run.Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task A_new_attempt_begins_without_progress()
    {
        var gate = new Gate();
        await using var queue = await StartWork(
            async context =>
            {
                if (context.Attempt == 2)
                    await gate.Pass();
                await context.ReportProgress(1, 2);
                throw new InvalidOperationException("Torn.");
            },
            RetryQuickly);
        var run = await queue.Client.Run(new Work());
        await gate.Entered;

        var snapshot = await run.Snapshot();
        gate.Open();

        Assert.Equal((2, null), (snapshot.Attempt, snapshot.Progress));
    }

    [Fact]
    public async Task Data_of_any_shape_is_there_for_watchers_and_for_later_attempts()
    {
        await using var queue = await StartAsk(
            async context =>
            {
                var before = context.ReadData<Bookmark>();
                await context.SaveData(new Bookmark((before?.Page ?? 0) + 1, ["a", "b"]));
                return context.Attempt < 3 ? throw new InvalidOperationException("Torn.") : $"page {context.ReadData<Bookmark>()?.Page}";
            },
            RetryQuickly);

        var run = await queue.Client.Run(new Ask());

        Assert.Equal("page 3", await run.Result(TaskQueueFixture.Patience));
        Assert.Equal(["a", "b"], (await run.Snapshot()).Data?.As<Bookmark>()?.Marks);
    }

    [Fact]
    public async Task A_handler_that_is_asked_to_end_saves_how_far_it_has_come_and_one_that_was_left_behind_does_not()
    {
        var (gate, late) = (new Gate(), new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var queue = await StartWork(
            async context =>
            {
                await Task.Delay(Timeout.Infinite, context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                await context.SaveData("in time");
                await gate.Pass(CancellationToken.None);
                late.SetResult(await Record.ExceptionAsync(async () => await context.SaveData("too late")));
            },
            task =>
            {
                task.Execution = HandlerExecution.Async;
                task.TimeLimit = TimeSpan.FromMilliseconds(200);
                task.HardTimeLimit = TimeSpan.FromSeconds(1);
                task.Retry.MaxAttempts = 1;
            });
        var run = await queue.Client.Run(new Work());

        var end = await TaskQueueFixture.EndOf(run);
        gate.Open();

        Assert.Equal(FailureKind.TimedOut, end.FailureKind);
        Assert.IsType<StaleAttemptException>(await late.Task.WaitAsync(TaskQueueFixture.Patience));
        Assert.Equal("in time", (await run.Snapshot()).Data?.As<string>());
    }

    [Fact]
    public async Task There_is_no_data_before_any_is_saved()
    {
        await using var queue = await StartAsk(context => Task.FromResult<string?>($"{context.ReadData<Bookmark>() is null} {context.ReadData<int>()}"));

        var run = await queue.Client.Run(new Ask());

        Assert.Equal("True 0", await run.Result(TaskQueueFixture.Patience));
    }

    [Fact]
    public async Task Data_that_is_too_long_is_refused()
    {
        await using var queue = await Start(queue => queue
            .Configure(options => options.MaxPayloadSize = 2_000)
            .AddTask(async (Work _, TaskContext context) => await context.SaveData(new string('x', 2_000)), task => task.Retry.MaxAttempts = 1));

        var run = await queue.Client.Run(new Work());

        var message = (await TaskQueueFixture.EndOf(run)).Error!.Message;
        Assert.Contains("The data is 2,002 bytes", message, StringComparison.Ordinal);
        Assert.Contains(nameof(TaskQueueOptions.MaxPayloadSize), message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_that_cannot_be_serialised_is_refused()
    {
        await using var queue = await StartWork(
            async context =>
            {
                var knot = new Knot();
                knot.Self = knot;
                await context.SaveData(knot);
            },
            task => task.Retry.MaxAttempts = 1);

        var run = await queue.Client.Run(new Work());

        Assert.Contains($"{typeof(Knot).FullName} cannot be serialised", (await TaskQueueFixture.EndOf(run)).Error!.Message, StringComparison.Ordinal);
    }

    /// <summary>Where a handler is.</summary>
    private sealed record Bookmark(int Page, IReadOnlyList<string> Marks);
}
