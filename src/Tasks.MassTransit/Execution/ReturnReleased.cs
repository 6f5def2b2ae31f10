using System.Runtime.ExceptionServices;

using MassTransit;

namespace TasksBus.Execution;

/// <summary>
/// Returns a message to the broker that this worker is not done with, because it stops or its connection is lost: an exception that leaves the error pipe
/// is a negative acknowledgement; whatever reaches its end is acknowledged.
/// </summary>
internal sealed class ReturnReleased : IFilter<ExceptionReceiveContext>
{
    public Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        if (context.Exception.GetBaseException() is RunReleasedException or OperationCanceledException)
            ExceptionDispatchInfo.Throw(context.Exception);
        return next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("returnReleased");
}
