using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using TasksBus.Client;

namespace TasksBus.Execution;

/// <summary>Asks a store that does not answer again and again: without it, nothing else could be done either.</summary>
internal sealed class StorePatience(IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<RunExecutor> log)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(2);

    /// <summary>Asks for a run that another worker can have as well.</summary>
    /// <exception cref="RunReleasedException">This one stops, and another is to ask.</exception>
    public ValueTask<T> Ask<T>(RunMessage message, Func<ValueTask<T>> ask, CancellationToken cancellationToken) => Ask(message, ask, lifetime.ApplicationStopping, cancellationToken);

    /// <summary>Asks, for a run that nobody else can have, or for what nobody else knows.</summary>
    public ValueTask<T> Insist<T>(RunMessage message, Func<ValueTask<T>> ask) => Ask(message, ask, giveBack: CancellationToken.None, CancellationToken.None);

    /// <summary>Waits for something that the store has to tell, for a run that another worker can have as well.</summary>
    /// <exception cref="RunReleasedException">This one stops, and another is to wait.</exception>
    public async Task Wait(Task told, CancellationToken cancellationToken)
    {
        using var giveBack = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        try
        {
            await told.WaitAsync(giveBack.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RunReleasedException();
        }
    }

    private async ValueTask<T> Ask<T>(RunMessage message, Func<ValueTask<T>> ask, CancellationToken giveBack, CancellationToken cancellationToken)
    {
        for (var wait = FirstWait; ; wait = wait < LongestWait ? wait * 2 : wait)
        {
            try
            {
                return await ask().ConfigureAwait(false);
            }
            catch (StoreUnavailableException exception)
            {
                log.WaitingForStore(exception, message.TaskName, message.RunId);
                if (giveBack.IsCancellationRequested)
                    throw new RunReleasedException();
                await Task.Delay(wait, clock, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
