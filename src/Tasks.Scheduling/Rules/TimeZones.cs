using TasksBus.Configuration;

namespace TasksBus.Rules;

/// <summary>Time zones by their IANA ids.</summary>
internal static class TimeZones
{
    /// <exception cref="FormatException">There is no such zone; the message offers one that is near.</exception>
    public static TimeZoneInfo Find(string id)
    {
        if (id is not null && TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone))
            return zone;
        throw new FormatException(
            $"{nameof(ScheduleTiming.TimeZone)} is '{id}', which this machine does not know.{NearMiss.For(id ?? "", TimeZoneInfo.GetSystemTimeZones().Select(known => known.Id))} " +
            "Give an IANA id as in Europe/Berlin or UTC; if it is one, install the package tzdata.");
    }
}
