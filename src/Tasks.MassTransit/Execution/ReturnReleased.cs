using System.Runtime.ExceptionServices;

using MassTransit;

namespace TasksBus.Execution;

/// <summary>Returns the message of a run that was given back to the broker: an exception that leaves the error pipe is a negative acknowledgement.</summary>
internal sealed class ReturnReleased : IFilter<ExceptionReceiveContext>
{
    public Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        if (context.Exception.GetBaseException() is RunReleasedException)
            ExceptionDispatchInfo.Throw(context.Exception);
        return next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("returnReleased");
}
