using MassTransit;

using Microsoft.Extensions.Logging;

using TasksBus.Client;
using TasksBus.Tracking;

namespace TasksBus.Execution;

/// <summary>Ends the run of a message that cannot be read; if its headers do not tell which run that is, it is recorded as one of its own.</summary>
internal sealed class RecordUnreadable(string queue, RunExecutor executor, TimeProvider clock, ILogger log) : IFilter<ExceptionReceiveContext>
{
    /// <summary>The task, as far as anybody can tell, of a message that names none.</summary>
    private const string UnknownTask = "unreadable";

    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        if (context.Exception.GetBaseException() is not RunRefusedException)
        {
            log.Unreadable(context.Exception, queue);
            var message = RunHeaders.Read(context.TransportHeaders) ?? Nameless(context);
            await executor.Refuse(message, queue, FailureKind.BadPayload, context.Exception.GetBaseException().Message, context.CancellationToken).ConfigureAwait(false);
        }

        await next.Send(context).ConfigureAwait(false);
    }

    /// <remarks>The same message, when it comes again, is the same run.</remarks>
    private RunMessage Nameless(ReceiveContext context) => new()
    {
        RunId = NamedId.Of($"{UnknownTask} in {queue}: {context.Body.GetString()}"),
        TaskName = UnknownTask,
        SubmittedAt = clock.GetUtcNow(),
    };

    public void Probe(ProbeContext context) => context.CreateFilterScope("recordUnreadable");
}
