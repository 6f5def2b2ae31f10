using MassTransit;

using TasksBus.Schedules;

namespace TasksBus.Messages;

/// <summary>A message of an application that is sent again and again: what a schedule keeps.</summary>
/// <param name="Message">The message.</param>
/// <param name="Body">Its body.</param>
internal sealed record RecurringMessage(ForwardedMessage Message, byte[] Body)
{
    /// <summary>What such schedules are of.</summary>
    public const string Kind = "message";

    /// <summary>The group of their schedules: apart from those of tasks, and from each other as the application keeps them.</summary>
    public static string GroupOf(string? scheduleGroup) => "message:" + scheduleGroup;

    /// <summary>Makes it of the message that schedules it.</summary>
    public static RecurringMessage From(ConsumeContext<MassTransit.Scheduling.ScheduleRecurringMessage> context)
    {
        var command = context.Message;
        var (message, body) = ForwardedMessage.From(context, command.Payload, command.PayloadType, command.Destination, command.CorrelationId);
        var headers = new Dictionary<string, object>(message.Headers ?? new Dictionary<string, object>(StringComparer.Ordinal), StringComparer.Ordinal)
        {
            [MessageHeaders.Quartz.ScheduleId] = command.Schedule.ScheduleId,
            [MessageHeaders.Quartz.ScheduleGroup] = command.Schedule.ScheduleGroup ?? "",
        };
        return new RecurringMessage(message with { Headers = headers, MessageId = null }, body);
    }
}

/// <summary>Sends a message at each instant of its schedule. The id of the message is that of the occurrence: two nodes that do one occurrence send the same message.</summary>
internal sealed class SendMessageAction(DueMessages messages) : IScheduleAction
{
    public string Kind => RecurringMessage.Kind;

    public async Task Do(Payload content, Occurrence occurrence, CancellationToken cancellationToken)
    {
        var (message, body) = content.As<RecurringMessage>()
            ?? throw new System.Text.Json.JsonException($"Schedule '{occurrence.Schedule}' does not say what to send.");
        try
        {
            await messages.Send(message with { MessageId = occurrence.Id }, body, occurrence.At, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            throw new SubmitException(occurrence.Id, $"The message of schedule '{occurrence.Schedule}' was not sent to {message.Destination}; it is tried again. ({exception.GetBaseException().Message})", exception);
        }
    }

    /// <remarks>What was sent is over.</remarks>
    public Task<bool> IsOver(Guid id, CancellationToken cancellationToken) => Task.FromResult(true);

    public Task<ScheduleOutcome?> OutcomeOf(Guid id, CancellationToken cancellationToken) => Task.FromResult<ScheduleOutcome?>(null);

    public Task WaitForEnd(Guid id, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task Revoke(Guid id, string reason, CancellationToken cancellationToken) => Task.CompletedTask;
}
