using TasksBus.Messages;

namespace TasksBus.Tests.Messages;

/// <summary>What is remembered of a scheduled message, in whatever order it is scheduled, cancelled and sent.</summary>
public sealed class MessageSagaTests
{
    private static readonly DateTime Noon = new(2030, 1, 1, 12, 0, 0, DateTimeKind.Utc);
    private static readonly DateTimeOffset DueAt = new(Noon.AddHours(1));

    private readonly MessageSaga _unknown = new() { CorrelationId = Guid.NewGuid() };

    [Fact]
    public void A_cancel_that_overtakes_what_it_cancels_is_not_lost()
    {
        var cancelled = Stored(_unknown.Cancel(Noon));

        var scheduled = cancelled.Schedule(Message(), default, DueAt, saidAt: Noon.AddSeconds(-1));

        Assert.Null(scheduled.Message);
    }

    [Fact]
    public void A_token_can_be_used_again_after_it_was_cancelled()
    {
        var cancelled = Stored(_unknown.Cancel(Noon));

        var scheduled = cancelled.Schedule(Message(), default, DueAt, saidAt: Noon.AddSeconds(1));

        Assert.Equal(DueAt, scheduled.DueAt);
    }

    [Fact]
    public void A_message_that_was_sent_is_not_scheduled_again_by_a_second_delivery()
    {
        var message = Message();
        var sent = Stored(_unknown.Schedule(message, default, DueAt, Noon).Sent());

        var again = sent.Schedule(message, default, DueAt, Noon);

        Assert.Same(sent, again);
    }

    [Fact]
    public void A_token_whose_message_was_sent_can_be_used_again_though_somebody_has_cancelled_it_since()
    {
        var sent = Stored(_unknown.Schedule(Message(), default, DueAt, Noon).Sent());

        var scheduled = sent.Cancel(Noon.AddMinutes(1)).Schedule(Message(), default, DueAt, saidAt: Noon);

        Assert.Equal(DueAt, scheduled.DueAt);
    }

    [Fact]
    public void The_latest_message_under_a_token_counts()
    {
        var (first, second) = (Message(), Message());

        var scheduled = Stored(_unknown.Schedule(first, default, DueAt, Noon)).Schedule(second, default, DueAt.AddHours(1), Noon);

        Assert.Equal((second, DueAt.AddHours(1)), (scheduled.Message, scheduled.DueAt));
    }

    [Fact]
    public void A_message_that_is_scheduled_again_under_the_same_id_is_no_second_delivery_of_the_first()
    {
        var message = Message();

        var scheduled = Stored(_unknown.Schedule(message, default, DueAt, Noon)).Schedule(message, default, DueAt.AddHours(1), Noon.AddSeconds(1));

        Assert.Equal(DueAt.AddHours(1), scheduled.DueAt);
    }

    [Fact]
    public void A_cancelled_message_waits_no_longer()
    {
        var cancelled = Stored(_unknown.Schedule(Message(), default, DueAt, Noon)).Cancel(Noon);

        Assert.Equal((null, null, null), (cancelled.Message, cancelled.DueAt, cancelled.Body));
    }

    private static MessageSaga Stored(MessageSaga saga) => saga with { Version = 1 };

    private static ForwardedMessage Message() => new()
    {
        Destination = new Uri("queue:shop"),
        MessageTypes = ["urn:message:Shop:Reminder"],
        ContentType = "application/vnd.masstransit+json",
        TokenId = Guid.NewGuid(),
        MessageId = Guid.NewGuid(),
    };
}
