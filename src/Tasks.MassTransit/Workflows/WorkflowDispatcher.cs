using Microsoft.Extensions.Logging;

using TasksBus.Configuration;
using TasksBus.Delays;

namespace TasksBus.Workflows;

/// <summary>
/// Has workflows looked after whose time has come: a step waits for that instant, a deadline passes, or nothing was heard of them for a while. Every worker runs
/// one; the store gives each workflow to one of them.
/// </summary>
internal sealed class WorkflowDispatcher(WorkflowTracker tracker, WorkflowInspector inspector, Foundation foundation, TimeProvider clock, ILogger<DueDispatcher> log) : IAsyncDisposable
{
    /// <summary>How long one that looks after a workflow keeps the others from it, and until when what it could not do is tried again.</summary>
    private static readonly TimeSpan Hidden = TimeSpan.FromSeconds(5);

    /// <summary>What finds them.</summary>
    public DueDispatcher Due { get; } = new(tracker.Documents.Store, inspector.Look, Hidden, ahead: TimeSpan.Zero, clock, log);

    /// <remarks>Under a test's clock it is told when to look.</remarks>
    public void Start()
    {
        if (!foundation.IsTest)
            Due.Start();
    }

    public Task Stop() => Due.Stop();

    public ValueTask DisposeAsync() => Due.DisposeAsync();
}
