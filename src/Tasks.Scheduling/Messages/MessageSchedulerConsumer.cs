using MassTransit;
using MassTransit.Scheduling;

namespace TasksBus.Messages;

/// <summary>Takes what applications say through MassTransit's scheduling messages.</summary>
internal sealed class MessageSchedulerConsumer(ScheduledMessages messages, StorePatience patience) : IConsumer<ScheduleMessage>, IConsumer<CancelScheduledMessage>
{
    /// <summary>Keeps a message until its instant; in the place of the one with the same token, if there is one.</summary>
    /// <exception cref="ArgumentException">The message has no destination or no payload.</exception>
    public Task Consume(ConsumeContext<ScheduleMessage> context)
    {
        var command = context.Message;
        var (message, body) = ForwardedMessage.From(
            context, Given(command.Payload, nameof(command.Payload)), command.PayloadType ?? [], Given(command.Destination, nameof(command.Destination)), command.CorrelationId);
        return Change(context, command.CorrelationId, saga => saga.Schedule(message, body, ToInstant(command.ScheduledTime), context.SentTime));

        T Given<T>(T? value, string name)
            where T : class =>
            value ?? throw new ArgumentException($"The message with token {command.CorrelationId} cannot be scheduled: its {name} is missing. Schedule it with MassTransit's IMessageScheduler.", name);
    }

    /// <summary>Forgets a message. One that is not known may still be on its way here: if it was sent before this, it is not kept.</summary>
    public Task Consume(ConsumeContext<CancelScheduledMessage> context) =>
        Change(context, context.Message.TokenId, saga => saga.Cancel(context.Message.Timestamp));

    private Task Change(ConsumeContext context, Guid tokenId, Func<MessageSaga, MessageSaga> change) =>
        patience.Ask(token => messages.Change(tokenId, change, token), context.CancellationToken);

    /// <summary>Times without a zone are in UTC, as MassTransit says.</summary>
    private static DateTimeOffset ToInstant(DateTime time) => new(time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : DateTime.SpecifyKind(time, DateTimeKind.Utc));
}
