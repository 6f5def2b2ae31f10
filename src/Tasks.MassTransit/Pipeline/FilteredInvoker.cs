namespace TasksBus.Pipeline;

/// <summary>Calls the user's code with its filters around it; the first is the outermost. A task without filters has none of this around its invoker.</summary>
internal sealed class FilteredInvoker(ITaskInvoker inner, IReadOnlyList<FilterCall> filters) : ITaskInvoker
{
    public bool IsBatch => inner.IsBatch;

    public Task<object?> Invoke(Attempt attempt) => CallFrom(0, attempt);

    public object Read(Payload? arguments) => inner.Read(arguments);

    public Payload? Write(object? result) => inner.Write(result);

    private Task<object?> CallFrom(int index, Attempt attempt) =>
        index < filters.Count
            ? filters[index](attempt, () => CallFrom(index + 1, attempt))
            : attempt.Turn.Continue(() => inner.Invoke(attempt));
}
