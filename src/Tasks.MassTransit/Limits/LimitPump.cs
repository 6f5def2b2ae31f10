using Microsoft.Extensions.Logging;

using TasksBus.Configuration;

namespace TasksBus.Limits;

/// <summary>
/// Gives out permits that become free by themselves, because time passes, a worker has died or a limit was changed, and learns which limits were set.
/// Every worker runs one; that they race does no harm, since every permit is given once.
/// </summary>
internal sealed class LimitPump(Foundation foundation, LimitRules rules, GrantedRuns granted, TimeProvider clock, ILogger<LimitPump> log) : IAsyncDisposable
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(1);

    /// <summary>Who wakes so much too early, by a clock that differs from the limiter's, is not too late.</summary>
    private static readonly TimeSpan Imminent = TimeSpan.FromMilliseconds(25);

    private readonly CancellationTokenSource _stop = new();
    private long? _settingsVersion;
    private Task _loop = Task.CompletedTask;

    public void Start() => _loop = Task.Run(() => Loop(_stop.Token), _stop.Token);

    /// <summary>Gives out what is free.</summary>
    public async Task<DueGrants> GrantDue(CancellationToken cancellationToken)
    {
        var due = await foundation.Limiter.GrantDue(cancellationToken).ConfigureAwait(false);
        if (due.SettingsVersion != _settingsVersion)
        {
            rules.Learn((await foundation.Limiter.Settings(cancellationToken).ConfigureAwait(false)).Keys);
            _settingsVersion = due.SettingsVersion;
        }

        await granted.Send(due).ConfigureAwait(false);
        return due;
    }

    public async Task Stop()
    {
        granted.GiveUp();
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync() => await Stop().ConfigureAwait(false);

    private async Task Loop(CancellationToken cancellationToken)
    {
        var isCalled = false;
        while (!cancellationToken.IsCancellationRequested)
        {
            var sleep = LongestSleep;
            try
            {
                sleep = SleepAfter(await GrantDue(cancellationToken).ConfigureAwait(false), isCalled);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                log.NotGranted(exception, LongestSleep);
            }

            isCalled = await granted.Alarm.SleepUntil(clock.GetUtcNow() + sleep, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <remarks>
    /// Who has given something out, or was called because a run of this worker waits, looks again when the next may be due. Who has found nothing was late, and leaves
    /// that to the one who was not, as long as somebody is: it looks again within a second, at an instant of its own. So not all workers do what one can do.
    /// </remarks>
    private static TimeSpan SleepAfter(DueGrants due, bool isCalled)
    {
        var longest = LongestSleep * (1 - (Random.Shared.NextDouble() / 4));
        return due.Grants.NextIn is { } next && next < longest && (isCalled || due.Grants.Runs.Count > 0 || next < Imminent) ? next : longest;
    }
}
