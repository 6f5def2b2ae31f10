using TasksBus.Tracking;

namespace TasksBus.Tests.Tracking;

/// <summary>Messages about runs of which nothing is known yet.</summary>
public sealed class RunNotRecordedTests
{
    [Theory]
    [InlineData(0, 0, 0, true)]
    [InlineData(0, 0, 6, true)]
    [InlineData(0, 0, 7, false)]
    [InlineData(0, 10, 0, false)]
    [InlineData(10, 0, 0, false)]
    [InlineData(10, -100, 0, false)]
    public void A_message_waits_only_for_a_run_that_is_new_and_not_for_long(int runSecondsOld, int messageSecondsOld, int tries, bool isWorthIt)
    {
        var now = TimeProvider.System.GetUtcNow();
        var run = Guid.CreateVersion7(now - TimeSpan.FromSeconds(runSecondsOld));

        Assert.Equal(isWorthIt, RunNotRecordedException.IsWorthATry(run, now.UtcDateTime - TimeSpan.FromSeconds(messageSecondsOld), tries));
    }

    [Fact]
    public void Of_an_id_that_tells_nothing_the_message_tells() =>
        Assert.True(RunNotRecordedException.IsWorthATry(Guid.NewGuid(), TimeProvider.System.GetUtcNow().UtcDateTime, tries: 0));
}
