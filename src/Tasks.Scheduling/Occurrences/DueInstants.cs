using TasksBus.Rules;
using TasksBus.Schedules;

namespace TasksBus.Occurrences;

/// <summary>The instants of a schedule that have come and had no occurrence yet, judged by its rule for missed ones.</summary>
/// <param name="Run">Those to be run, in order.</param>
/// <param name="Missed">The latest of those that are not, if there are any.</param>
/// <param name="MissedCount">How many those are at least: beyond <see cref="MostCounted"/>, nobody counts on.</param>
/// <param name="IsMissedCounted">Whether they are no more than that.</param>
/// <param name="Through">Up to when all instants are judged now.</param>
/// <param name="HasMore">Whether more are due behind these.</param>
internal sealed record DueInstants(IReadOnlyList<DateTimeOffset> Run, DateTimeOffset? Missed, int MissedCount, bool IsMissedCounted, DateTimeOffset Through, bool HasMore)
{
    /// <summary>Up to how many missed instants are counted one by one.</summary>
    public const int MostCounted = 1_000;

    /// <summary>So many are run at most before what came of them is recorded.</summary>
    private const int MostAtOnce = 200;

    private static readonly TimeSpan FirstWindow = TimeSpan.FromMinutes(1);

    /// <summary>Judges what is due of a schedule.</summary>
    public static DueInstants Judge(ScheduleSaga schedule, DateTimeOffset now)
    {
        var (timing, timetable) = (schedule.Timing, schedule.Timetable);
        var missedUntil = now - timing.MissedAfter - timing.Jitter;
        var most = timing.Missed == MissedRule.RunAll ? Math.Max(MostCounted, timing.MaxMissedRuns) : MostCounted;
        var missed = Within(timetable, schedule.Through, missedUntil).Take(most + 1).Count();
        var isCounted = missed <= most;
        if (missed == 0)
            return Timely(schedule, schedule.Through, now);

        switch (timing.Missed)
        {
            case MissedRule.RunOnce:
                var latest = Latest(timetable, schedule.Through, missedUntil, 1)[0];
                var count = Within(timetable, schedule.Through, latest.AddTicks(-1)).Take(most + 1).Count();
                return new DueInstants([latest], count > 0 ? Latest(timetable, schedule.Through, latest.AddTicks(-1), 1)[0] : null, count, count <= most, latest, HasMore: true);

            case MissedRule.RunAll when missed > timing.MaxMissedRuns:
                var kept = Latest(timetable, schedule.Through, missedUntil, timing.MaxMissedRuns);
                var before = kept[0].AddTicks(-1);
                return new DueInstants([], Latest(timetable, schedule.Through, before, 1)[0], missed - kept.Count, isCounted, before, HasMore: true);

            case MissedRule.RunAll:
                return Timely(schedule, schedule.Through, now);

            default:
                return new DueInstants([], Latest(timetable, schedule.Through, missedUntil, 1)[0], missed, isCounted, missedUntil, HasMore: true);
        }
    }

    private static DueInstants Timely(ScheduleSaga schedule, DateTimeOffset through, DateTimeOffset now)
    {
        var due = schedule.Timetable.After(through)
            .TakeWhile(instant => schedule.Timetable.ComesAt(schedule.CorrelationId, instant) <= now)
            .Take(MostAtOnce + 1)
            .ToList();
        var run = due.Take(MostAtOnce).ToList();
        return new DueInstants(run, Missed: null, MissedCount: 0, IsMissedCounted: true, run.Count > 0 ? run[^1] : through, due.Count > run.Count);
    }

    private static IEnumerable<DateTimeOffset> Within(Timetable timetable, DateTimeOffset after, DateTimeOffset until) => timetable.After(after).TakeWhile(instant => instant <= until);

    /// <summary>The latest instants of a stretch, looked for from its end: it may hold very many.</summary>
    private static List<DateTimeOffset> Latest(Timetable timetable, DateTimeOffset after, DateTimeOffset until, int count)
    {
        for (var window = FirstWindow; ; window *= 2)
        {
            var from = until - after > window ? until - window : after;
            var latest = new Queue<DateTimeOffset>();
            foreach (var instant in Within(timetable, from, until))
            {
                latest.Enqueue(instant);
                if (latest.Count > count)
                    latest.Dequeue();
            }

            if (latest.Count == count || from == after)
                return [.. latest];
        }
    }
}
