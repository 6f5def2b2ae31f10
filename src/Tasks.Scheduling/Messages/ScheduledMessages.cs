using TasksBus.Configuration;
using TasksBus.Tracking;

namespace TasksBus.Messages;

/// <summary>The messages that wait for their instant, in the task queue's own store. Safe to share between threads.</summary>
internal sealed class ScheduledMessages(Foundation foundation)
{
    /// <summary>The documents behind.</summary>
    public SagaDocuments<MessageSaga> Documents { get; } = new(foundation.Stores.Of(MessageSaga.Kind), new MessageMapping());

    /// <summary>Changes what is remembered of a message, whoever else does so at the same time. One round trip if nothing is remembered of it yet.</summary>
    public async Task Change(Guid tokenId, Func<MessageSaga, MessageSaga> change, CancellationToken cancellationToken)
    {
        SagaDocument<MessageSaga>? stored = null;
        while (true)
        {
            var before = stored?.Saga ?? new MessageSaga { CorrelationId = tokenId };
            var after = change(before);
            if (ReferenceEquals(before, after))
                return;
            if (await Documents.Save(new SagaDocument<MessageSaga>(after, stored?.Version ?? 0), cancellationToken: cancellationToken).ConfigureAwait(false) is not { } conflict)
                return;
            stored = conflict.Current;
        }
    }
}
