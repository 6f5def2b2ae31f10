using System.Collections.Concurrent;

using Microsoft.Extensions.Time.Testing;

using TasksBus.Client;
using TasksBus.Nodes;

namespace TasksBus.Tests.Schedules;

/// <summary>Alarms.</summary>
public sealed class QuartzAlarmTests
{
    [Fact]
    public async Task An_alarm_goes_off_at_its_instant_and_sooner_ones_win()
    {
        var heard = new BlockingCollection<(Guid Id, DateTimeOffset At)>();
        await using var alarms = new QuartzAlarms(Hear(heard, TimeProvider.System), TimeProvider.System, logging: null);
        await alarms.Start(CancellationToken.None);
        var (id, now) = (Guid.NewGuid(), TimeProvider.System.GetUtcNow());

        await alarms.Set(id, now.AddMilliseconds(300), CancellationToken.None);
        await alarms.Set(id, now.AddHours(1), CancellationToken.None);

        Assert.True(heard.TryTake(out var first, TaskQueueFixture.Patience));
        Assert.Equal(id, first.Id);
        Assert.InRange(first.At - now, TimeSpan.FromMilliseconds(285), TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Alarms_that_come_together_each_wait_for_their_own_instant_but_for_a_moment()
    {
        var moment = RunMessage.SentAhead + TimeSpan.FromMilliseconds(1);
        var heard = new BlockingCollection<(Guid Id, DateTimeOffset At)>();
        await using var alarms = new QuartzAlarms(Hear(heard, TimeProvider.System), TimeProvider.System, logging: null);
        await alarms.Start(CancellationToken.None);
        var now = TimeProvider.System.GetUtcNow();
        var instants = Enumerable.Range(0, 5).ToDictionary(_ => Guid.NewGuid(), number => now.AddMilliseconds(300 + (10 * number)));

        foreach (var (id, instant) in instants)
            await alarms.Set(id, instant, CancellationToken.None);

        foreach (var _ in instants)
        {
            Assert.True(heard.TryTake(out var alarm, TaskQueueFixture.Patience));
            Assert.True(alarm.At >= instants[alarm.Id] - moment, $"{instants[alarm.Id] - alarm.At} too soon.");
        }
    }

    [Fact]
    public async Task An_alarm_of_the_past_goes_off_at_once_and_one_that_is_set_while_it_is_heard_after_it()
    {
        var (clock, alarms) = (TimeProvider.System, (QuartzAlarms?)null);
        var heard = new BlockingCollection<int>();
        await using var created = alarms = new QuartzAlarms(
            async id =>
            {
                if (heard.Count < 3)
                    await alarms!.Set(id, clock.GetUtcNow().AddDays(-1), CancellationToken.None);
                heard.Add(1);
            },
            clock,
            logging: null);
        await alarms.Start(CancellationToken.None);

        await alarms.Set(Guid.NewGuid(), clock.GetUtcNow().AddDays(-1), CancellationToken.None);

        for (var i = 0; i < 4; i++)
            Assert.True(heard.TryTake(out _, TaskQueueFixture.Patience), $"{i} were heard.");
    }

    [Fact]
    public async Task An_alarm_whose_hearer_fails_goes_off_again()
    {
        var (clock, alarms, again, count) = (TimeProvider.System, (QuartzAlarms?)null, TimeSpan.FromMilliseconds(300), 0);
        var heard = new BlockingCollection<(Guid Id, DateTimeOffset At)>();
        await using var created = alarms = new QuartzAlarms(
            async id =>
            {
                heard.Add((id, clock.GetUtcNow()));
                if (++count == 1)
                    throw new InvalidOperationException("The database is away.");
                await alarms!.Set(id, clock.GetUtcNow() + (again / 10), CancellationToken.None);
            },
            clock,
            logging: null,
            again: again);
        await alarms.Start(CancellationToken.None);

        await alarms.Set(Guid.NewGuid(), clock.GetUtcNow(), CancellationToken.None);

        for (var i = 0; i < 4; i++)
            Assert.True(heard.TryTake(out _, TaskQueueFixture.Patience), $"{i} were heard, then it went silent.");
    }

    [Fact]
    public async Task When_the_clock_is_put_forth_what_is_due_is_heard_within_seconds()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var heard = new BlockingCollection<(Guid Id, DateTimeOffset At)>();
        await using var alarms = new QuartzAlarms(Hear(heard, clock), clock, logging: null);
        await alarms.Start(CancellationToken.None);
        await alarms.Set(Guid.NewGuid(), clock.GetUtcNow().AddHours(5), CancellationToken.None);

        clock.Advance(TimeSpan.FromHours(6));

        Assert.True(heard.TryTake(out _, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task When_the_clock_is_put_back_an_alarm_waits_for_its_instant_anew_and_one_that_was_heard_stays_heard()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var heard = new BlockingCollection<(Guid Id, DateTimeOffset At)>();
        await using var alarms = new QuartzAlarms(Hear(heard, clock), clock, logging: null);
        await alarms.Start(CancellationToken.None);
        var (start, earlier, later) = (clock.GetUtcNow(), Guid.NewGuid(), Guid.NewGuid());
        await alarms.Set(earlier, start.AddHours(1), CancellationToken.None);
        await alarms.Set(later, start.AddHours(3), CancellationToken.None);

        clock.Advance(TimeSpan.FromHours(2));
        Assert.True(heard.TryTake(out var first, TimeSpan.FromSeconds(10)));
        clock.AdjustTime(start.AddMinutes(-30));
        var tooSoon = heard.TryTake(out _, TimeSpan.FromSeconds(2));
        clock.Advance(TimeSpan.FromHours(2));
        var tooSoonToo = heard.TryTake(out _, TimeSpan.FromSeconds(2));
        clock.Advance(TimeSpan.FromHours(2));

        Assert.Equal((earlier, false, false), (first.Id, tooSoon, tooSoonToo));
        Assert.True(heard.TryTake(out var second, TimeSpan.FromSeconds(10)));
        Assert.Equal((later, true), (second.Id, second.At >= start.AddHours(3)));
    }

    private static Func<Guid, Task> Hear(BlockingCollection<(Guid Id, DateTimeOffset At)> heard, TimeProvider clock) => id =>
    {
        heard.Add((id, clock.GetUtcNow()));
        return Task.CompletedTask;
    };
}
