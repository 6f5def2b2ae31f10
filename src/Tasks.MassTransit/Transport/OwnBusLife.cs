using MassTransit;

namespace TasksBus.Transport;

/// <summary>Starts and stops a bus of the task queue's own. Each once, one after the other.</summary>
/// <param name="bus">The bus.</param>
/// <param name="address">Where its broker is, for errors.</param>
internal sealed class OwnBusLife(IBusControl bus, string address) : IDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _giveUpStart = new();
    private Task _starting = Task.CompletedTask;

    /// <summary>Starts it, and waits for a moment: then its queues are there and read.</summary>
    /// <returns>Whether they are; a broker that is away must not keep the host from starting, and MassTransit goes on trying.</returns>
    /// <exception cref="TaskQueueConfigurationException">The broker refuses us.</exception>
    public async Task<bool> Start()
    {
        _starting = bus.StartAsync(_giveUpStart.Token);
        if (!await HasStarted().ConfigureAwait(false))
            return false;
        try
        {
            await _starting.ConfigureAwait(false);
            return true;
        }
        catch (ConnectionException exception)
        {
            throw new TaskQueueConfigurationException(
                $"The broker at {address} does not let this process in: {exception.GetBaseException().Message} Check the user, the password and the virtual host of its address.", exception);
        }
    }

    /// <summary>Ends its start, before it is stopped.</summary>
    /// <remarks>A bus that is told to stop in the middle of its start never comes to an end; one whose broker is away never comes to its start.</remarks>
    public async Task FinishStart()
    {
        await HasStarted().ConfigureAwait(false);
        await _giveUpStart.CancelAsync().ConfigureAwait(false);
        await _starting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Stops it, once what it has delivered is done with; or gives up when the host does.</summary>
    public async Task Stop(CancellationToken cancellationToken)
    {
        try
        {
            await bus.StopAsync(cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // What still runs is told of when everything else has stopped.
        }
    }

    public void Dispose() => _giveUpStart.Dispose();

    private async Task<bool> HasStarted() =>
        await Task.WhenAny(_starting, Task.Delay(LongestStart, TimeProvider.System, CancellationToken.None)).ConfigureAwait(false) == _starting;
}
