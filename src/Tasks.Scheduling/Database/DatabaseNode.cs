using Microsoft.Extensions.Logging;

using TasksBus.Nodes;
using TasksBus.Occurrences;
using TasksBus.Schedules;

namespace TasksBus.Database;

/// <summary>
/// A scheduler node on a database of Quartz: alarms are kept there, each goes off on one of the nodes, and what a node leaves behind when it dies, Quartz has
/// another one do.
/// </summary>
internal sealed class DatabaseNode(QuartzAlarms alarms, IScheduleStore store, Func<IAlarms, OccurrenceDispatcher> createDispatcher, TimeProvider clock, ILogger<DatabaseNode> log)
    : IScheduleNode, IDisposable
{
    /// <summary>
    /// Who has an alarm from Quartz sets the next one. A node that stops in between, or a database that goes away, would leave a schedule without any on all
    /// nodes: Quartz drops what has gone off on a node whose threads have ended.
    /// </summary>
    public static readonly TimeSpan AlarmsAgainAfter = TimeSpan.FromSeconds(5);

    /// <summary>How often somebody looks whether a schedule was left without its alarm, by a node and a database that failed one after the other.</summary>
    private static readonly TimeSpan BetweenChecks = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop = new();
    private readonly OccurrenceDispatcher _dispatcher = createDispatcher(alarms);
    private Task _checking = Task.CompletedTask;

    public async Task Start(CancellationToken cancellationToken)
    {
        await alarms.Start(cancellationToken).ConfigureAwait(false);
        _checking = CheckAlarms(_stop.Token);
    }

    /// <remarks>What has gone off here is brought to its end, and only hurried when the host has no more time: a schedule whose next alarm was not set would be silent on every node.</remarks>
    public async Task Stop(CancellationToken cancellationToken)
    {
        await using (cancellationToken.Register(_stop.Cancel).ConfigureAwait(false))
            await alarms.DisposeAsync().ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _checking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>An alarm has gone off on this node.</summary>
    public Task OnAlarm(Guid schedule) => _dispatcher.Dispatch(schedule, _stop.Token);

    public void Dispose() => _stop.Dispose();

    /// <summary>Sees to it that every schedule has its alarm, and that somebody waits for what occurrences wait for: the node that did may be gone.</summary>
    private async Task CheckAlarms(CancellationToken cancellationToken)
    {
        for (; !cancellationToken.IsCancellationRequested; await Task.Delay(BetweenChecks, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing))
        {
            try
            {
                foreach (var schedule in await store.List(cancellationToken).ConfigureAwait(false))
                {
                    if ((schedule is { IsActive: true, Waiting: not null } ? clock.GetUtcNow() : schedule.NextAlarm) is { } at)
                        await alarms.Set(schedule.CorrelationId, at, cancellationToken).ConfigureAwait(false);
                }
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                log.NotChecked(exception);
            }
        }
    }
}
