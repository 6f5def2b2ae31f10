using System.Runtime.ExceptionServices;

using MassTransit;

using Microsoft.Extensions.Logging;

namespace TasksBus.Execution;

/// <summary>
/// Returns a message to the broker that this worker is not done with, because it stops, its connection is lost, or it has failed itself: an exception
/// that leaves the error pipe is a negative acknowledgement; whatever reaches its end is acknowledged.
/// </summary>
internal sealed class ReturnUnfinished(string queue, TimeProvider clock, ILogger log) : IFilter<ExceptionReceiveContext>
{
    /// <summary>Before the broker delivers a message again on which a worker has failed.</summary>
    private static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(1);

    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        if (context.Exception.GetBaseException() is RunReleasedException or OperationCanceledException)
            ExceptionDispatchInfo.Throw(context.Exception);

        // A message that came as far as our consumer was readable, and what its handler throws is an outcome: this is our own fault, or our store's.
        if (context.TryGetPayload<ConsumerFaultContext>(out _) && context.Exception.GetBaseException() is not RunRefusedException)
        {
            log.WorkerFailed(context.Exception, queue, AfterFault);
            await Task.Delay(AfterFault, clock, context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ExceptionDispatchInfo.Throw(context.Exception);
        }

        await next.Send(context).ConfigureAwait(false);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("returnUnfinished");
}
