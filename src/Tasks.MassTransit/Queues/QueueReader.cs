using MassTransit;

namespace TasksBus.Queues;

/// <summary>Reads one queue while it is wanted to: opens and closes its endpoint, one after the other.</summary>
internal sealed class QueueReader(Func<HostReceiveEndpointHandle> connect)
{
    private readonly Lock _lock = new();
    private HostReceiveEndpointHandle? _endpoint;
    private bool _isOpen;
    private Task _moving = Task.CompletedTask;

    /// <summary>Whether it is to read.</summary>
    public bool IsWanted { get; private set; }

    /// <summary>Says whether it is to read.</summary>
    /// <returns>Ends when it is so, unless somebody has said otherwise meanwhile.</returns>
    public Task Want(bool isWanted)
    {
        lock (_lock)
        {
            IsWanted = isWanted;
            return _moving = Move(_moving);
        }
    }

    private async Task Move(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        if (IsWanted == _isOpen)
            return;
        if (_isOpen)
            await Close().ConfigureAwait(false);
        else
            await Open().ConfigureAwait(false);
    }

    private async Task Open()
    {
        // Also when it is not ready at once, or its connection breaks meanwhile: it goes on trying by itself.
        _isOpen = true;
        if (_endpoint is null)
            await (_endpoint = connect()).Ready.ConfigureAwait(false);
        else
            await _endpoint.ReceiveEndpoint.Start(CancellationToken.None).Ready.ConfigureAwait(false);
    }

    /// <remarks>Nothing more is delivered at once; this ends when what was delivered before has ended.</remarks>
    private async Task Close()
    {
        await _endpoint!.ReceiveEndpoint.Stop(CancellationToken.None).ConfigureAwait(false);
        _isOpen = false;
    }
}
