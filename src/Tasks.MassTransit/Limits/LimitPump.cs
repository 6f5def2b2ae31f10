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

    private readonly CancellationTokenSource _stop = new();
    private long? _settingsVersion;
    private Task _loop = Task.CompletedTask;

    public void Start() => _loop = Task.Run(() => Loop(_stop.Token), _stop.Token);

    /// <summary>Gives out what is free.</summary>
    /// <returns>When something else becomes free by itself, as far as is known.</returns>
    public async Task<TimeSpan?> GrantDue(CancellationToken cancellationToken)
    {
        var grants = await foundation.Limiter.GrantDue(cancellationToken).ConfigureAwait(false);
        if (grants.SettingsVersion != _settingsVersion)
        {
            rules.Learn((await foundation.Limiter.Settings(cancellationToken).ConfigureAwait(false)).Keys);
            _settingsVersion = grants.SettingsVersion;
        }

        await granted.Send(grants).ConfigureAwait(false);
        return grants.NextIn;
    }

    public async Task Stop()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync() => await Stop().ConfigureAwait(false);

    private async Task Loop(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            var sleep = LongestSleep;
            try
            {
                var next = await GrantDue(cancellationToken).ConfigureAwait(false);
                sleep = next < LongestSleep ? next.Value : LongestSleep;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                log.NotGranted(exception, LongestSleep);
            }

            await granted.Alarm.SleepUntil(clock.GetUtcNow() + sleep, cancellationToken).ConfigureAwait(false);
        }
    }
}
