using System.Collections;
using System.Globalization;

namespace TasksBus.Pipeline;

/// <summary>What every line of an attempt's log carries; made once an attempt, so it is a list without a dictionary behind it.</summary>
internal sealed class AttemptLogScope(Guid runId, string taskName, int attempt) : IReadOnlyList<KeyValuePair<string, object?>>
{
    public int Count => 3;

    public KeyValuePair<string, object?> this[int index] => index switch
    {
        0 => new("RunId", runId),
        1 => new("TaskName", taskName),
        2 => new("Attempt", attempt),
        _ => throw new ArgumentOutOfRangeException(nameof(index)),
    };

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        for (var index = 0; index < Count; index++)
            yield return this[index];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"RunId:{runId} TaskName:{taskName} Attempt:{attempt}");
}
