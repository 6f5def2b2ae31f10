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

    /// <summary>How often somebody looks for alarms that Quartz holds back for nothing.</summary>
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan BetweenStarts = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly UnreadableReport _unreadable = new(log);
    private readonly OccurrenceDispatcher _dispatcher = createDispatcher(alarms);
    private Task _started = Task.CompletedTask;
    private Task _checking = Task.CompletedTask;

    /// <remarks>A database that is away must not keep the host from starting.</remarks>
    public Task Start(CancellationToken cancellationToken)
    {
        _started = StartAlarms(_stop.Token);
        _checking = Task.WhenAll(Repeat(SetMissing, BetweenChecks, _stop.Token), Repeat(alarms.SetBlockedAgain, BetweenLooks, _stop.Token));
        return Task.WhenAny(_started, Task.Delay(LongestStart, TimeProvider.System, cancellationToken)).Unwrap();
    }

    /// <remarks>What has gone off here is brought to its end, and only hurried when the host has no more time: a schedule whose next alarm was not set would be silent on every node.</remarks>
    public async Task Stop(CancellationToken cancellationToken)
    {
        if (!_started.IsCompleted)
            await _stop.CancelAsync().ConfigureAwait(false);
        await using (cancellationToken.Register(_stop.Cancel).ConfigureAwait(false))
            await alarms.DisposeAsync().ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _checking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>An alarm has gone off on this node.</summary>
    public Task OnAlarm(Guid schedule) => _dispatcher.Dispatch(schedule, _stop.Token);

    public void Dispose() => _stop.Dispose();

    private async Task StartAlarms(CancellationToken cancellationToken)
    {
        for (var isAway = false; !cancellationToken.IsCancellationRequested;)
        {
            try
            {
                await alarms.Ask(async _ =>
                {
                    await alarms.Start(cancellationToken).ConfigureAwait(false);
                    return true;
                }).ConfigureAwait(false);
                return;
            }
            catch (StoreUnavailableException exception)
            {
                if (!isAway)
                    log.DatabaseAway(exception, BetweenStarts);
                isAway = true;
            }

            await Task.Delay(BetweenStarts, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task Repeat(Func<CancellationToken, Task> look, TimeSpan between, CancellationToken cancellationToken)
    {
        await _started.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        for (var hasFailed = false; !cancellationToken.IsCancellationRequested; await Task.Delay(between, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing))
        {
            try
            {
                await look(cancellationToken).ConfigureAwait(false);
                hasFailed = false;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                if (!hasFailed)
                    log.NotChecked(exception);
                hasFailed = true;
            }
        }
    }

    /// <summary>Sees to it that every schedule has its alarm, and that somebody waits for what occurrences wait for: the node that did may be gone.</summary>
    private async Task SetMissing(CancellationToken cancellationToken)
    {
        var (schedules, unreadable) = await store.List(cancellationToken).ConfigureAwait(false);
        _unreadable.Tell(unreadable);
        foreach (var schedule in schedules)
        {
            if (schedule.FirstAlarm(clock.GetUtcNow()) is { } at)
                await alarms.Set(schedule.CorrelationId, at, cancellationToken).ConfigureAwait(false);
        }
    }
}
