using MassTransit;
using MassTransit.Serialization;

using TasksBus.Tracking;
using TasksBus.Transport;

namespace TasksBus.Messages;

/// <summary>Sends messages whose instant has come: at least once each, always with the same id.</summary>
/// <remarks>A message is forgotten only once the broker has confirmed it. Should this process die before, another one sends it once more.</remarks>
internal sealed class DueMessages(ScheduledMessages messages, QueueBus bus, TaskQueueOptions options, TimeProvider clock)
{
    /// <summary>Sends a message that was taken.</summary>
    public async Task HandOn(StoredSaga stored, CancellationToken cancellationToken)
    {
        var saga = messages.Documents.Read(stored);
        if (saga.Saga is not { Message: { } message, DueAt: { } dueAt })
            return;

        await Send(message, MessageMapping.BodyOf(stored), dueAt, cancellationToken).ConfigureAwait(false);

        // Whoever has scheduled it anew meanwhile, or cancelled it, has the last word.
        await messages.Documents.Save(new SagaDocument<MessageSaga>(saga.Saga.Sent(), saga.Version), cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="body">Its body.</param>
    /// <param name="scheduledFor">The instant for which it was scheduled.</param>
    /// <param name="cancellationToken">Ends the call; the message may then be sent or not.</param>
    /// <exception cref="TimeoutException">The broker did not confirm it within <see cref="TaskQueueOptions.SubmitTimeout"/>; it is not sent later.</exception>
    public async Task Send(ForwardedMessage message, ReadOnlyMemory<byte> body, DateTimeOffset scheduledFor, CancellationToken cancellationToken)
    {
        var pipe = Pipe.Execute<SendContext<SerializedMessageBody>>(send =>
        {
            var now = clock.GetUtcNow();
            send.Headers.Set(MessageHeaders.Quartz.Scheduled, scheduledFor);
            send.Headers.Set(MessageHeaders.Quartz.Sent, now);
            message.WriteTo(send, body, now);
        });

        // Until the token ends it, MassTransit tries again and again: who only stopped waiting would send one copy for each try.
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(options.SubmitTimeout);
        try
        {
            await SendBefore(message.Destination, pipe, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The broker did not confirm a message to {message.Destination} within {nameof(TaskQueueOptions.SubmitTimeout)} = {options.SubmitTimeout}.", exception);
        }
    }

    /// <remarks>MassTransit waits for a broker that is away without looking at the token everywhere.</remarks>
    private async Task SendBefore(Uri destination, IPipe<SendContext<SerializedMessageBody>> pipe, CancellationToken deadline)
    {
        var endpoint = await bus.Bus.GetSendEndpoint(destination).WaitAsync(deadline).ConfigureAwait(false);
        await endpoint.Send(new SerializedMessageBody(), pipe, deadline).WaitAsync(deadline).ConfigureAwait(false);
    }
}
