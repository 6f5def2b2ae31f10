using TasksBus.Cli.Supervision;

namespace TasksBus.Cli.Tests.Supervision;

/// <summary>How many workers there are to be, from what waits for them.</summary>
public sealed class AutoscaleTests
{
    private static readonly Autoscale OneToThree = new(Min: 1, Max: 3, BacklogPerWorker: 10, ShrinkAfter: TimeSpan.FromSeconds(30));

    [Theory]
    [InlineData(1, 11, 1)]
    [InlineData(1, 10, 0)]
    [InlineData(2, 20, 0)]
    [InlineData(2, 21, 1)]
    [InlineData(3, 1_000_000, 0)]
    public void There_is_one_more_when_too_many_runs_wait_for_each_up_to_the_maximum(int workers, long backlog, int step)
    {
        Assert.Equal(step, OneToThree.Step(workers, workers, backlog, emptyFor: TimeSpan.Zero));
    }

    [Theory]
    [InlineData(3, 0, 30, -1)]
    [InlineData(3, 0, 29, 0)]
    [InlineData(3, 1, 30, 0)]
    [InlineData(1, 0, 3_600, 0)]
    public void There_is_one_less_when_none_has_waited_for_a_while_down_to_the_minimum(int workers, long backlog, int emptyFor, int step)
    {
        Assert.Equal(step, OneToThree.Step(workers, workers, backlog, TimeSpan.FromSeconds(emptyFor)));
    }

    [Fact]
    public void Processes_that_only_finish_what_they_hold_count_towards_the_maximum()
    {
        Assert.Equal(0, OneToThree.Step(workers: 2, processes: 3, backlog: 1_000, emptyFor: TimeSpan.Zero));
    }
}
