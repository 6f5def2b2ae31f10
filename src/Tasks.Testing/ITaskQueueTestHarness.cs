using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace TasksBus.Testing;

/// <summary>
/// Runs the task queue of an application inside its test: in memory, on a clock that the test moves, with everything written down that happens.
/// Added by <see cref="TaskQueueTestHarnessServiceCollectionExtensions.AddTaskQueueTestHarness"/>, resolved from the services.
/// </summary>
/// <remarks>Safe to share between threads, but for <see cref="Advance"/> and <see cref="Start"/>: one at a time.</remarks>
public interface ITaskQueueTestHarness
{
    /// <summary>
    /// The clock of delays, retries, expiry, leases, lifetimes and of every <see cref="TimeProvider"/> that the application asks for. It starts at the
    /// present, in whole seconds, and then stands still. Move it with <see cref="Advance"/>; moved by hand, it lets nothing settle, and does not stop at
    /// the instants in between.
    /// </summary>
    FakeTimeProvider Clock { get; }

    /// <summary>Submits runs and finds them again.</summary>
    ITaskClient Client { get; }

    /// <summary>Lists and counts runs.</summary>
    ITaskMonitor Monitor { get; }

    /// <summary>What was submitted so far: by the client, by a delay, or as a published <see cref="RunTask{TArgs}"/>. In the order of the submissions, each run once.</summary>
    SubmittedRuns Submitted { get; }

    /// <summary>
    /// How long <see cref="Advance"/> waits, in real time, for an attempt that shows no sign of life, before it takes it for one that waits for the
    /// test. Of an attempt that sleeps on the clock, a tenth is enough. 0 or more; 0 for tests whose handlers wait on purpose. Default: 1 second.
    /// </summary>
    /// <remarks>An attempt that ends, or that was waited for before, costs nothing.</remarks>
    TimeSpan Patience { get; set; }

    /// <summary>
    /// Starts the application's hosted services, for tests without a host; they are stopped when the services are disposed. Does nothing when a host or
    /// MassTransit's <c>ITestHarness</c> has started them.
    /// </summary>
    Task Start(CancellationToken cancellationToken = default);

    /// <summary>
    /// Moves the clock, and lets everything settle that becomes due on the way: it stops at each instant at which a run is due or an attempt has asked the
    /// clock to be woken, sends what is due, and goes on once the attempts have ended or wait.
    /// </summary>
    /// <param name="time">0 or more; 0 only lets settle what is under way.</param>
    /// <param name="cancellationToken">Ends the call; the clock stays where it is.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="time"/> is below 0.</exception>
    /// <exception cref="InvalidOperationException">Nobody has started the hosted services.</exception>
    Task Advance(TimeSpan time, CancellationToken cancellationToken = default);

    /// <summary>Waits until a run has reached a state. That it was there before the call, and has left the state since, counts too.</summary>
    /// <param name="runId">The run; it may still be unknown.</param>
    /// <param name="state">The state; for <see cref="TaskState.NotFound"/>, nothing must be known of the run now.</param>
    /// <param name="timeout">0 or more, in real time. Default: 10 seconds.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The run in that state: as it is now, or as it was when it was there last.</returns>
    /// <exception cref="StateNotReachedException">It has not got there in time, or has ended in another state.</exception>
    Task<TaskSnapshot> WaitFor(Guid runId, TaskState state, TimeSpan? timeout = null, CancellationToken cancellationToken = default);

    /// <summary>Waits for the end of a run and gives its result.</summary>
    /// <param name="runId">The run; it may still be unknown.</param>
    /// <param name="timeout">0 or more, in real time. Default: 10 seconds.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StateNotReachedException">It has not ended in time.</exception>
    /// <exception cref="TaskFailedException">It failed.</exception>
    /// <exception cref="TaskRevokedException">It was revoked.</exception>
    /// <exception cref="TaskExpiredException">It expired.</exception>
    /// <exception cref="TaskNotFoundException">Its record has expired.</exception>
    /// <exception cref="TaskResultException">The result is of another type, or is not kept.</exception>
    Task<T> Result<T>(Guid runId, TimeSpan? timeout = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Every progress that the attempts of a run have reported, in order. Not merged, unless the application sets
    /// <see cref="TaskQueueOptions.ProgressInterval"/>. Empty for a run that has reported none.
    /// </summary>
    IReadOnlyList<TaskProgress> Progress(Guid runId);
}
