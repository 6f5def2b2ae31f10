using TasksBus.Testing;

namespace TasksBus.Tests.Testing;

public class TestTaskContextTests
{
    [Fact]
    public async Task A_handler_is_called_alone_and_its_reports_are_kept()
    {
        var context = new TestTaskContext(attempt: 2, headers: new Dictionary<string, string>(StringComparer.Ordinal) { ["tenant"] = "acme" }, data: new Bookmark(40));

        await new ImportHandler().Run(new Import("a.csv"), context);

        Assert.Equal([new TaskProgress(40, 100, "acme"), new TaskProgress(100, 100, "acme")], context.Progress);
        Assert.Equal(new Bookmark(100), Assert.Single(context.SavedData).As<Bookmark>());
        Assert.Equal(new Bookmark(100), context.ReadData<Bookmark>());
    }

    [Fact]
    public void Every_property_has_a_sensible_default()
    {
        var context = new TestTaskContext();

        Assert.NotEqual(Guid.Empty, context.RunId);
        Assert.Equal((1, 4, 1L), (context.Attempt, context.MaxAttempts, context.FencingToken));
        Assert.Equal(("test", "tasks", "test"), (context.TaskName, context.Queue, context.Worker));
        Assert.Empty(context.Headers);
        Assert.False(context.CancellationToken.CanBeCanceled);
        Assert.Null(context.ReadData<Bookmark>());
    }

    [Fact]
    public async Task Progress_that_a_worker_would_refuse_is_refused()
    {
        var context = new TestTaskContext();

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await context.ReportProgress(-1));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await context.ReportProgress(3, 2));
    }

    [Fact]
    public async Task Progress_that_goes_back_is_ignored_as_by_a_worker()
    {
        var context = new TestTaskContext();

        await context.ReportProgress(2);
        await context.ReportProgress(1);

        Assert.Equal([new TaskProgress(2)], context.Progress);
    }

    [Fact]
    public async Task A_handler_can_be_told_to_end()
    {
        using var stop = new CancellationTokenSource();
        var running = Handlers.Hang(new Import("a.csv"), new TestTaskContext(cancellationToken: stop.Token).CancellationToken);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    public record Bookmark(int Line);

    private sealed class ImportHandler : ITaskHandler<Import>
    {
        public async Task Run(Import task, TaskContext context)
        {
            var line = context.ReadData<Bookmark>()?.Line ?? 0;
            await context.ReportProgress(line, 100, context.Headers["tenant"]);
            await context.SaveData(new Bookmark(100));
            await context.ReportProgress(100, 100, context.Headers["tenant"]);
        }
    }
}
