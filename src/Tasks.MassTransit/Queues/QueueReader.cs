using MassTransit;

namespace TasksBus.Queues;

/// <summary>Reads one queue while it is wanted to: opens and closes its endpoint, one after the other.</summary>
/// <remarks>An endpoint closes when its last run has ended. A queue that is wanted again before is read by a new one; the other is left to its runs.</remarks>
internal sealed class QueueReader(Func<HostReceiveEndpointHandle> connect)
{
    /// <summary>So long an endpoint may take to close before a new one takes its place.</summary>
    private static readonly TimeSpan LongestClose = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private HostReceiveEndpointHandle? _endpoint;
    private bool _isOpen;
    private Task _moving = Task.CompletedTask;
    private Task _closing = Task.CompletedTask;

    /// <summary>Whether it is to read.</summary>
    public bool IsWanted { get; private set; }

    /// <summary>Ends when no run goes on at endpoints that were left to them.</summary>
    public Task Left { get; private set; } = Task.CompletedTask;

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
        var patience = IsWanted && !_closing.IsCompleted ? Task.Delay(LongestClose, TimeProvider.System) : before;
        await Task.WhenAny(before, patience).ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
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
        if (!_closing.IsCompleted)
            Leave();
        if (_endpoint is null)
            await (_endpoint = connect()).Ready.ConfigureAwait(false);
        else
            await _endpoint.ReceiveEndpoint.Start(CancellationToken.None).Ready.ConfigureAwait(false);
    }

    /// <remarks>Nothing more is delivered at once; this ends when what was delivered before has ended.</remarks>
    private Task Close()
    {
        _isOpen = false;
        return _closing = _endpoint!.ReceiveEndpoint.Stop(CancellationToken.None);
    }

    /// <remarks>The bus forgets it, so that another one may have its name.</remarks>
    private void Leave()
    {
        Left = Task.WhenAll(Left, _endpoint!.StopAsync(CancellationToken.None));
        (_endpoint, _closing) = (null, Task.CompletedTask);
    }
}
