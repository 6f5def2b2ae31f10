namespace TasksBus;

/// <summary>Lives as long as the worker does: for what its handlers need, such as a model in memory or a connection, or for work beside theirs.</summary>
/// <remarks>One for the process. Components start in the order in which they were added, and stop in reverse. A process that is no worker starts none.</remarks>
public interface IWorkerComponent
{
    /// <summary>Called before the worker takes its first run. What it throws stops the host at its start, after the components before it were stopped.</summary>
    /// <param name="cancellationToken">Cancelled when the host gives up its start.</param>
    Task Start(CancellationToken cancellationToken);

    /// <summary>Called after the worker has stopped taking runs and its attempts have ended. What it throws is logged.</summary>
    /// <param name="cancellationToken">Cancelled when the host does not wait any longer.</param>
    Task Stop(CancellationToken cancellationToken);
}
