using System.Runtime.ExceptionServices;

using MassTransit;

namespace TasksBus.Transport;

/// <summary>
/// Returns a message to the broker that nothing but a store that does not answer stands in the way of, or that whoever waits with it stops: in the error
/// queue nobody would look for it.
/// </summary>
internal sealed class ReturnWithoutStore(TimeProvider clock) : IFilter<ExceptionReceiveContext>
{
    private static readonly TimeSpan BeforeReturn = TimeSpan.FromSeconds(1);

    public async Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        if (IsFrom(context.Exception))
        {
            await Task.Delay(BeforeReturn, clock, context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ExceptionDispatchInfo.Throw(context.Exception);
        }

        await next.Send(context).ConfigureAwait(false);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("returnWithoutStore");

    private static bool IsFrom(Exception? exception) => exception is not null && (exception is StoreUnavailableException or OperationCanceledException || IsFrom(exception.InnerException));
}
