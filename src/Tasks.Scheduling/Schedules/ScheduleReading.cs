using System.Text.Json;

namespace TasksBus.Schedules;

/// <summary>Reads schedules from what is stored of them, and tells what cannot be read from what can.</summary>
internal static class ScheduleReading
{
    /// <summary>Reads one.</summary>
    /// <param name="id">The schedule.</param>
    /// <param name="json">What is stored.</param>
    /// <param name="read">Reads it.</param>
    /// <exception cref="UnreadableScheduleException">It, its timing or what it does cannot be read.</exception>
    public static ScheduleSaga Read(Guid id, ReadOnlyMemory<byte> json, Func<ScheduleSaga> read)
    {
        try
        {
            var result = read();
            if (result is { IsRemoved: false })
                Check(result);
            return result;
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException or FormatException or ArgumentException or InvalidOperationException)
        {
            throw new UnreadableScheduleException(new UnreadableSchedule(id, NameIn(json), exception.Message), exception);
        }
    }

    /// <summary>What can be read and what cannot.</summary>
    public static ScheduleList Sort<T>(IEnumerable<T> stored, Func<T, ScheduleSaga?> read)
    {
        var (schedules, unreadable) = (new List<ScheduleSaga>(), new List<UnreadableSchedule>());
        foreach (var one in stored)
        {
            try
            {
                if (read(one) is { } schedule)
                    schedules.Add(schedule);
            }
            catch (UnreadableScheduleException exception)
            {
                unreadable.Add(exception.Schedule);
            }
        }

        return new ScheduleList(schedules, unreadable);
    }

    private static void Check(ScheduleSaga schedule)
    {
        _ = schedule.Timetable;
        if (schedule.Group == ScheduleIds.Tasks)
            _ = ScheduleView.Show(schedule);
    }

    private static string? NameIn(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var name = document.RootElement.EnumerateObject().FirstOrDefault(property => property.NameEquals("name")).Value;
            return name.ValueKind == JsonValueKind.String ? name.GetString() : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}

/// <summary>Schedules of a store.</summary>
/// <param name="Schedules">Those that can be read.</param>
/// <param name="Unreadable">Those that cannot.</param>
internal sealed record ScheduleList(IReadOnlyList<ScheduleSaga> Schedules, IReadOnlyList<UnreadableSchedule> Unreadable);
