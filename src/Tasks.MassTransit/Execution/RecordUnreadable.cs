using MassTransit;

using Microsoft.Extensions.Logging;

using TasksBus.Client;

namespace TasksBus.Execution;

/// <summary>Ends the run of a message that cannot be read, as far as the message's headers tell which run that is.</summary>
internal sealed class RecordUnreadable(string queue, RunExecutor executor, ILogger log) : IFilter<ExceptionReceiveContext>
{
    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        if (context.Exception.GetBaseException() is not RunRefusedException)
        {
            log.Unreadable(context.Exception, queue);
            if (RunHeaders.Read(context.TransportHeaders) is { } message)
                await executor.Refuse(message, queue, KindOf(context), context.Exception.GetBaseException().Message, context.CancellationToken).ConfigureAwait(false);
        }

        await next.Send(context).ConfigureAwait(false);
    }

    /// <remarks>A message that came as far as our consumer was readable: then the fault is not the message's.</remarks>
    private static FailureKind KindOf(ExceptionReceiveContext context) =>
        context.TryGetPayload<ConsumerFaultContext>(out _) ? FailureKind.HandlerError : FailureKind.BadPayload;

    public void Probe(ProbeContext context) => context.CreateFilterScope("recordUnreadable");
}
