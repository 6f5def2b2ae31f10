using System.Collections.Concurrent;

using Microsoft.Extensions.Logging;

namespace TasksBus.Nodes;

/// <summary>Says of each schedule that cannot be read that it cannot, once for each reason. Safe to share between threads.</summary>
internal sealed class UnreadableReport(ILogger log)
{
    private readonly ConcurrentDictionary<Guid, string> _told = new();

    /// <summary>Says so.</summary>
    public void Tell(params IEnumerable<UnreadableSchedule> schedules)
    {
        foreach (var schedule in schedules)
        {
            if (_told.TryGetValue(schedule.Id, out var reason) && reason == schedule.Reason)
                continue;
            _told[schedule.Id] = schedule.Reason;
            log.LeftAlone(schedule.Id, schedule.Name, schedule.Reason);
        }
    }
}
