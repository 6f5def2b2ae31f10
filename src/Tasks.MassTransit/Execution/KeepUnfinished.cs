using System.Runtime.ExceptionServices;

using MassTransit;

namespace TasksBus.Execution;

/// <summary>
/// Lets a message go back to its queue that this worker has not done with, because it stops or its connection is lost. Whatever reaches the end of the
/// error pipe counts as dealt with, and is acknowledged.
/// </summary>
internal sealed class KeepUnfinished : IFilter<ExceptionReceiveContext>
{
    public Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        if (context.Exception.GetBaseException() is RunReleasedException or OperationCanceledException)
            ExceptionDispatchInfo.Throw(context.Exception);
        return next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("keepUnfinished");
}
