using Microsoft.Extensions.Hosting;

namespace TasksBus.Testing;

/// <summary>The life of an application without a host.</summary>
internal sealed class TestLifetime : IHostApplicationLifetime, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();

    // Whoever starts and stops hosted services one by one reports neither the end of the start nor that of the stop.
    public CancellationToken ApplicationStarted => CancellationToken.None;

    public CancellationToken ApplicationStopping => _stopping.Token;

    public CancellationToken ApplicationStopped => CancellationToken.None;

    public void StopApplication() => _stopping.Cancel();

    public void Dispose() => _stopping.Dispose();
}
