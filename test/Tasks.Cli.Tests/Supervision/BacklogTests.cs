using TasksBus.Cli.Supervision;

namespace TasksBus.Cli.Tests.Supervision;

/// <summary>How many runs wait for a worker.</summary>
public sealed class BacklogTests
{
    [Fact]
    public async Task Runs_that_wait_for_a_limit_do_not_count() =>
        Assert.Equal(3, await new Backlog(new Waiting(limited: 5, others: 3), new Known(), chosen: []).Count(enough: 100, CancellationToken.None));

    [Theory]
    [InlineData(0, 3, 3)]
    [InlineData(2, 30, 10)]
    [InlineData(2_500, 30, 30)]
    public async Task In_chosen_queues_they_are_passed_over_and_counting_stops_when_there_are_enough(int limited, int others, int atLeast)
    {
        var count = await new Backlog(new Waiting(limited, others), new Known(), chosen: ["images"]).Count(enough: 10, CancellationToken.None);

        Assert.InRange(count, Math.Min(atLeast, 10), others);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(10, "images")]
    [InlineData(0, "images", "reports")]
    public async Task Runs_in_paused_queues_do_not_count(int expected, params string[] paused)
    {
        var (waiting, queues) = (new Waiting(limited: 0, others: 10, ["images", "reports"]), new Known(paused));

        var all = await new Backlog(waiting, queues, chosen: []).Count(enough: 100, CancellationToken.None);
        var named = await new Backlog(waiting, queues, chosen: ["images", "reports"]).Count(enough: 100, CancellationToken.None);

        Assert.Equal((expected, expected), (all, named));
    }

    [Fact]
    public async Task A_count_that_fails_is_not_known_and_that_is_told_once()
    {
        var said = new StringWriter();
        var (waiting, queues) = (new Waiting(limited: 0, others: 3), new Known { Failure = new InvalidDataException("no page") });
        var watch = new BacklogWatch(new Backlog(waiting, queues, chosen: []), new Output(said, TextWriter.Null));

        var (first, second) = (await watch.Look(enough: 100, CancellationToken.None), await watch.Look(enough: 100, CancellationToken.None));
        queues.Failure = null;
        var third = await watch.Look(enough: 100, CancellationToken.None);

        Assert.Equal((null, null, 3L), (first, second, third));
        Assert.Equal("supervise: how many runs wait is not known, and the number of workers stays as it is: no page", said.ToString().TrimEnd());
    }

    /// <summary>Runs that wait, those for a limit before the others.</summary>
    /// <param name="limited">How many in each queue wait for a limit.</param>
    /// <param name="others">How many in each queue do not.</param>
    /// <param name="queues">In which queues; null: in any.</param>
    private sealed class Waiting(int limited, int others, string[]? queues = null) : ITaskMonitor
    {
        public Task<long> Count(TaskState state, CancellationToken cancellationToken = default) => Task.FromResult((queues?.Length ?? 1L) * (limited + others));

        public Task<long> CountLimited(CancellationToken cancellationToken = default) => Task.FromResult<long>(limited);

        public Task<TaskPage> List(TaskQuery? query = null, CancellationToken cancellationToken = default)
        {
            var from = int.Parse(query!.Cursor ?? "0", System.Globalization.CultureInfo.InvariantCulture);
            var to = Math.Min(from + query.PageSize, limited + others);
            var runs = Enumerable.Range(from, to - from)
                .Select(index => TaskSnapshot.NotFound(Guid.Empty) with { State = TaskState.Pending, WaitsFor = index < limited ? "task:upload" : null });
            return Task.FromResult(new TaskPage([.. runs], to < limited + others ? $"{to}" : null));
        }

        public Task<IReadOnlyList<WorkerSnapshot>> Workers(CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }

    /// <summary>Two queues, some of them paused.</summary>
    private sealed class Known(params string[] paused) : ITaskQueues
    {
        public Exception? Failure { get; set; }

        public Task<IReadOnlyList<QueueSnapshot>> List(CancellationToken cancellationToken = default) => Failure is not null
            ? Task.FromException<IReadOnlyList<QueueSnapshot>>(Failure)
            : Task.FromResult<IReadOnlyList<QueueSnapshot>>([.. new[] { "images", "reports" }.Select(name => new QueueSnapshot(name, paused.Contains(name, StringComparer.Ordinal), Readers: []))]);

        public Task Pause(string queue, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task Resume(string queue, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task Drain(string queue, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<int> Purge(string queue, string? reason = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task Add(string queue, string? worker = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task Remove(string queue, string? worker = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task Reset(string queue, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }
}
