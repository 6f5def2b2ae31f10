using System.ComponentModel.DataAnnotations;

namespace TasksBus;

/// <summary>The options of a process's part in schedules. Read once, at start; a bad value stops the host with the option's name.</summary>
public sealed class ScheduleOptions
{
    /// <summary>Whether this process is a scheduler node: of all that are, one acts. Off: it only puts and shows schedules. Default: on.</summary>
    public bool IsNode { get; set; } = true;

    /// <summary>
    /// How long the acting node may stay silent before another takes over; it renews five times as often. The same on all nodes. 1 second to 1 minute.
    /// Default: 5 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(5);
}
