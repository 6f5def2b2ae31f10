using Microsoft.Extensions.Logging;

namespace TasksBus.Workers;

/// <summary>Starts what the application has added to the worker, in order, and stops it in reverse.</summary>
internal sealed class WorkerComponents(IEnumerable<IWorkerComponent> components, ILogger<WorkerComponents> log)
{
    private readonly IWorkerComponent[] _components = [.. components];
    private readonly Stack<IWorkerComponent> _started = new();
    private Task? _starting;

    /// <summary>Starts them, once.</summary>
    public Task Start(CancellationToken cancellationToken) => _starting ??= StartAll(cancellationToken);

    /// <summary>Stops those that have started.</summary>
    public async Task Stop(CancellationToken cancellationToken)
    {
        while (_started.TryPop(out var component))
        {
            try
            {
                await component.Stop(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                log.ComponentNotStopped(exception, component.GetType().FullName);
            }
        }
    }

    private async Task StartAll(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var component in _components)
            {
                await component.Start(cancellationToken).ConfigureAwait(false);
                _started.Push(component);
            }
        }
        catch
        {
            await Stop(cancellationToken).ConfigureAwait(false);
            throw;
        }
    }
}
