using TasksBus.Cli.Supervision;

namespace TasksBus.Cli.Tests.Supervision;

/// <summary>How many runs wait for a worker.</summary>
public sealed class BacklogTests
{
    [Fact]
    public async Task Runs_that_wait_for_a_limit_do_not_count() =>
        Assert.Equal(3, await new Backlog(new Waiting(limited: 5, others: 3), queues: []).Count(enough: 100, CancellationToken.None));

    [Theory]
    [InlineData(0, 3, 3)]
    [InlineData(2, 30, 10)]
    [InlineData(2_500, 30, 30)]
    public async Task In_chosen_queues_they_are_passed_over_and_counting_stops_when_there_are_enough(int limited, int others, int atLeast)
    {
        var count = await new Backlog(new Waiting(limited, others), queues: ["images"]).Count(enough: 10, CancellationToken.None);

        Assert.InRange(count, Math.Min(atLeast, 10), others);
    }

    /// <summary>Runs that wait, those for a limit before the others.</summary>
    private sealed class Waiting(int limited, int others) : ITaskMonitor
    {
        public Task<long> Count(TaskState state, CancellationToken cancellationToken = default) => Task.FromResult<long>(limited + others);

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
}
