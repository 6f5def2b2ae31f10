using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace TasksBus.Messages;

/// <summary>Lets what applications say wait for a store that is away, however long that is: nothing of it may be lost, and nothing behind it may overtake it.</summary>
/// <param name="longest">How long to wait at most before the store is asked again.</param>
/// <param name="lifetime">Of this node: once it stops, others are to wait.</param>
/// <param name="log">Where it is said, once for each message that waits.</param>
internal sealed class StorePatience(TimeSpan longest, IHostApplicationLifetime lifetime, ILogger<StorePatience> log)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(10);

    /// <summary>Asks the store until it answers.</summary>
    /// <exception cref="StoreUnavailableException">It does not, and this node stops.</exception>
    public async Task Ask(Func<CancellationToken, Task> ask, CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        for (var pause = Shortest; ; pause = pause * 2 < longest ? pause * 2 : longest)
        {
            try
            {
                await ask(cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (StoreUnavailableException exception) when (!lifetime.ApplicationStopping.IsCancellationRequested)
            {
                if (pause == Shortest)
                    log.MessageWaits(exception, longest);
            }

            await Task.Delay(pause, TimeProvider.System, waiting.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
