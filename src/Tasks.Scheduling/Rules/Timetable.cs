using System.Buffers.Binary;
using System.Security.Cryptography;

namespace TasksBus.Rules;

/// <summary>The instants of a schedule: its rule in its zone, between its start and its end, without its excluded days. Does not change; safe to share between threads.</summary>
internal sealed class Timetable
{
    private readonly ScheduleTiming _timing;
    private readonly IInstants _instants;

    /// <param name="timing">When.</param>
    /// <param name="from">When the schedule was put: what its intervals count from if it has no start.</param>
    /// <exception cref="FormatException">The timing cannot be; the message names the field and says what it may hold.</exception>
    public Timetable(ScheduleTiming timing, DateTimeOffset from)
    {
        TimingCheck.Check(timing);
        _timing = timing;
        var zone = TimeZones.Find(timing.TimeZone);
        _instants = Instants(timing, from, zone);
        if (timing.Excluded is { } excluded)
            _instants = new DayFilter(_instants, excluded, zone);
    }

    /// <summary>The first instant after another one; null if there is none.</summary>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        if (_timing.StartAt is { } start && after < start)
            after = start.AddTicks(-1);
        return _instants.Next(after) is { } next && !(next > _timing.EndAt) ? next.ToUniversalTime() : null;
    }

    /// <summary>All instants after another one.</summary>
    public IEnumerable<DateTimeOffset> After(DateTimeOffset after)
    {
        while (Next(after) is { } next)
        {
            yield return next;
            after = next;
        }
    }

    /// <summary>When an instant's occurrence comes: later by its share of the jitter, which is made of the schedule and the instant.</summary>
    public DateTimeOffset ComesAt(Guid schedule, DateTimeOffset instant)
    {
        if (_timing.Jitter == TimeSpan.Zero)
            return instant;
        Span<byte> seed = stackalloc byte[24], hash = stackalloc byte[32];
        schedule.TryWriteBytes(seed);
        BinaryPrimitives.WriteInt64LittleEndian(seed[16..], instant.UtcTicks);
        SHA256.HashData(seed, hash);
        var share = BinaryPrimitives.ReadUInt32LittleEndian(hash) / (double)uint.MaxValue;
        return instant + TimeSpan.FromMilliseconds(Math.Floor(_timing.Jitter.TotalMilliseconds * share));
    }

    private static IInstants Instants(ScheduleTiming timing, DateTimeOffset from, TimeZoneInfo zone) => timing.Rule switch
    {
        IntervalRule rule => new Intervals(rule.Interval, timing.StartAt ?? from + rule.Interval),
        CronRule rule => new ZonedInstants(CronReader.Read(rule.Expression), zone),
        CalendarRule rule => new ZonedInstants(new CalendarTimes(rule, TimeZoneInfo.ConvertTime(timing.StartAt ?? from, zone).DateTime), zone),
        OnceRule rule => new SingleInstant(rule.At),
        SolarRule rule => new SolarInstants(rule),
        _ => throw new FormatException($"{nameof(ScheduleTiming.Rule)} is '{timing.Rule}'. Make one with {nameof(ScheduleRule)}."),
    };
}
