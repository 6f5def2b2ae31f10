using MassTransit;

using TasksBus.Client;

namespace TasksBus.Execution;

/// <summary>The door: a delivery of a run comes in, and is acknowledged when this returns, after the outcome is recorded.</summary>
internal sealed class RunConsumer(string queue, RunExecutor executor) : IConsumer<RunMessage>
{
    public async Task Consume(ConsumeContext<RunMessage> context)
    {
        var delivery = context.CancellationToken;
        var isFirstDelivery = !context.ReceiveContext.Redelivered && context.Message.IsAsSubmitted;
        var execution = executor.Execute(context.Message, queue, isFirstDelivery, delivery);

        // When the connection dies, so does the delivery: a consumer that outlived it would block the endpoint for good. The attempt goes on
        // without it, under its lease; the message that the broker delivers again finds the lease and is parked.
        if (await execution.WaitAsync(delivery).ConfigureAwait(false) == RunEnd.Returned)
            throw new RunReleasedException();
    }
}
