using TasksBus.Pipeline;

namespace TasksBus.Execution;

/// <summary>An attempt that takes part in a batch.</summary>
/// <param name="Attempt">The attempt.</param>
/// <param name="Item">What the handler sees of it.</param>
internal sealed record BatchMember<TItem>(Attempt Attempt, TItem Item)
    where TItem : TaskBatchItem;

/// <summary>Attempts that are handed to a handler together. Until that has them, each can leave. Safe to share between threads.</summary>
internal sealed class AttemptBatch<TItem> : IDisposable
    where TItem : TaskBatchItem
{
    private readonly CancellationTokenSource _cancelled = new();
    private readonly CancellationTokenSource _abandoned = new();
    private readonly Lock _lock = new();
    private readonly List<BatchMember<TItem>> _members = [];
    private bool _isClosed;
    private bool _hasBegun;

    /// <summary>Makes the batch be called after a while.</summary>
    public ITimer? Window { get; set; }

    /// <summary>Cancelled when all its attempts are to end.</summary>
    public CancellationToken Cancelled => _cancelled.Token;

    /// <summary>Cancelled when nobody waits for any of its attempts.</summary>
    public CancellationToken Abandoned => _abandoned.Token;

    /// <summary>Takes an attempt in.</summary>
    /// <returns>How many there are now.</returns>
    public int Add(BatchMember<TItem> member)
    {
        lock (_lock)
        {
            _members.Add(member);
            return _members.Count;
        }
    }

    /// <summary>Takes in nothing more.</summary>
    public void Close()
    {
        Dispose();
        lock (_lock)
            _isClosed = true;
    }

    /// <summary>Starts the time of its attempts; from now on the handler has them.</summary>
    public IReadOnlyList<TItem> Begin()
    {
        lock (_lock)
        {
            _hasBegun = true;
            foreach (var member in _members.Where(member => !member.Attempt.TryBegin()).ToList())
                Remove(member);
            foreach (var member in _members)
                member.Attempt.Timers?.Start();
            return [.. _members.Select(member => member.Item)];
        }
    }

    /// <summary>An attempt is to end: it leaves, or the handler hears of it.</summary>
    public void Stop(BatchMember<TItem> member)
    {
        var areAllToEnd = false;
        lock (_lock)
        {
            if (!_hasBegun)
                Remove(member);
            areAllToEnd = _isClosed && _members.TrueForAll(other => other.Attempt.Cancelled.IsCancellationRequested || other.Item.Outcome.IsCompleted);
        }

        if (areAllToEnd)
            _ = _cancelled.CancelAsync();
    }

    /// <summary>Nobody waits for one of its attempts any longer.</summary>
    public void Leave()
    {
        var areAllLeft = false;
        lock (_lock)
            areAllLeft = _hasBegun && _members.TrueForAll(member => member.Attempt.Abandoned.IsCancellationRequested || member.Item.Outcome.IsCompleted);
        if (areAllLeft)
            _ = _abandoned.CancelAsync();
    }

    /// <remarks>Not its sources: a handler that was left behind may still use its token.</remarks>
    public void Dispose() => Window?.Dispose();

    private void Remove(BatchMember<TItem> member)
    {
        if (_members.Remove(member))
            member.Item.Fail(new OperationCanceledException(member.Attempt.Cancelled));
    }

    /// <summary>What has no outcome yet has failed.</summary>
    public void Fail(Exception exception)
    {
        lock (_lock)
            _members.ForEach(member => member.Item.Fail(exception));
    }
}
