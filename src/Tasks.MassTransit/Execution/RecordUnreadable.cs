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
                await executor.Refuse(message, queue, FailureKind.BadPayload, context.Exception.GetBaseException().Message, context.CancellationToken).ConfigureAwait(false);
        }

        await next.Send(context).ConfigureAwait(false);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("recordUnreadable");
}
