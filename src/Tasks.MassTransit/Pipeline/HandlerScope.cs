using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace TasksBus.Pipeline;

/// <summary>The dependency-injection scope of a handler. It outlives the attempt of a handler that is left behind, which may use it to its own end.</summary>
internal sealed class HandlerScope(IServiceScopeFactory scopes, ILogger log)
{
    private readonly AsyncServiceScope _scope = scopes.CreateAsyncScope();

    /// <summary>What the handler gets its services from.</summary>
    public IServiceProvider Services => _scope.ServiceProvider;

    /// <summary>Disposes of it, or leaves that to the end of a handler that has not ended.</summary>
    /// <param name="handler">The handler; null if none was called.</param>
    public ValueTask End(Task? handler)
    {
        if (handler is null or { IsCompleted: true })
            return _scope.DisposeAsync();
        _ = EndAfter(handler);
        return ValueTask.CompletedTask;
    }

    private async Task EndAfter(Task handler)
    {
        await handler.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await _scope.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            log.ScopeNotDisposed(exception);
        }
    }
}
