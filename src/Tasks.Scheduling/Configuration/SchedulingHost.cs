using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using TasksBus.Nodes;
using TasksBus.Schedules;

namespace TasksBus.Configuration;

/// <summary>Puts what is declared, and starts and stops the process's part in schedules, together with its host.</summary>
internal sealed class SchedulingHost(
    ScheduleDeclarations declarations, TaskQueueBuilder builder, TaskCatalogue catalogue, TaskSchedules schedules, ScheduleOptions options, IScheduleNode node,
    IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<SchedulingHost> log) : IHostedService
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    private Task _declaring = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var configured = builder.Sections.SelectMany(section => ScheduleSettings.ReadAll(section, catalogue)).ToList();
        var declared = declarations.Settle(configured, clock.GetUtcNow());
        if (options.IsNode)
            await node.Start(cancellationToken).ConfigureAwait(false);

        // A store that is away must not keep the host from starting.
        _declaring = Declare(declared, lifetime.ApplicationStopping);
        await Task.WhenAny(_declaring, Task.Delay(BetweenTries, TimeProvider.System, cancellationToken)).ConfigureAwait(false);
        if (_declaring.IsCompleted)
            await _declaring.ConfigureAwait(false);
        else
            _ = Report(_declaring);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (options.IsNode)
            await node.Stop(cancellationToken).ConfigureAwait(false);
    }

    /// <remarks>The host has started: nobody else would hear of it.</remarks>
    private async Task Report(Task declaring)
    {
        try
        {
            await declaring.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            log.DeclarationRefused(exception);
        }
    }

    private async Task Declare(IReadOnlyList<TaskSchedule> declared, CancellationToken cancellationToken)
    {
        var isAway = false;
        foreach (var schedule in declared)
        {
            for (; !await TryDeclare(schedule, isAway, cancellationToken).ConfigureAwait(false) && !cancellationToken.IsCancellationRequested; isAway = true)
                await Task.Delay(BetweenTries, TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> TryDeclare(TaskSchedule schedule, bool isKnown, CancellationToken cancellationToken)
    {
        try
        {
            await schedules.Declare(schedule, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ScheduleIsOverException exception) when (exception.HadItsTime)
        {
            log.NothingToCome(exception, schedule.Name);
            return true;
        }
        catch (UnreadableScheduleException exception)
        {
            log.NotRead(exception, schedule.Name);
            return true;
        }
        catch (StoreUnavailableException exception)
        {
            if (!isKnown)
                log.NotDeclared(exception, schedule.Name, BetweenTries);
            return false;
        }
        catch (Exception exception) when (exception is ArgumentException or UnknownQueueException)
        {
            // It names the schedule already.
            throw new TaskQueueConfigurationException(exception.Message, exception);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TaskQueueConfigurationException($"Schedule '{schedule.Name}': {exception.Message}", exception);
        }
    }
}
