using System.Security.Cryptography;
using System.Text.Json;

namespace TasksBus.Schedules;

/// <summary>Tells a declaration in code or configuration from another one: the same for the same, in every process.</summary>
/// <param name="Value">Made of what is stored: the name of a task and its arguments in JSON, too.</param>
/// <param name="Former">As it was made before: of what was declared, in which tasks with the same arguments look the same; null if that could not be made.</param>
internal sealed record DeclarationMark(string Value, string? Former = null)
{
    /// <summary>The mark of a schedule that is declared.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="action">What it does.</param>
    public static DeclarationMark Of(TaskSchedule schedule, ScheduledAction action) =>
        new(Hash(Payload.From(new { Timing = schedule.Timing(), Action = action })), FormerOf(schedule));

    private static string? FormerOf(TaskSchedule schedule)
    {
        try
        {
            return Hash(Payload.From(schedule));
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            // Its arguments need a converter; so none was ever stored.
            return null;
        }
    }

    private static string Hash(Payload payload) => Convert.ToHexString(SHA256.HashData(payload.Json.Span).AsSpan(0, 16));
}
