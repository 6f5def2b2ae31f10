using System.Collections;

using TasksBus.Configuration;

namespace TasksBus.Testing;

/// <summary>What was submitted until it was asked for, in the order of the submissions. Does not change; safe to share between threads.</summary>
public sealed class SubmittedRuns : IReadOnlyList<SubmittedRun>
{
    private readonly IReadOnlyList<SubmittedRun> _runs;
    private readonly TaskCatalogue _catalogue;

    internal SubmittedRuns(IReadOnlyList<SubmittedRun> runs, TaskCatalogue catalogue)
    {
        _runs = runs;
        _catalogue = catalogue;
    }

    /// <inheritdoc/>
    public int Count => _runs.Count;

    /// <inheritdoc/>
    public SubmittedRun this[int index] => _runs[index];

    /// <summary>The runs of one task, with their arguments.</summary>
    /// <typeparam name="TArgs">The arguments, which name the task.</typeparam>
    /// <exception cref="System.Text.Json.JsonException">One was submitted by name, with arguments that are not those of the task.</exception>
    public IReadOnlyList<SubmittedRun<TArgs>> Of<TArgs>()
        where TArgs : class
    {
        var name = _catalogue.Find(typeof(TArgs))?.Name ?? TaskName.Of(typeof(TArgs));
        return [.. _runs.Where(run => string.Equals(run.TaskName, name, StringComparison.Ordinal)).Select(run => new SubmittedRun<TArgs>(run, Read<TArgs>(run)))];
    }

    /// <inheritdoc/>
    public IEnumerator<SubmittedRun> GetEnumerator() => _runs.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private TArgs Read<TArgs>(SubmittedRun run)
        where TArgs : class =>
        run.Payload?.As<TArgs>(_catalogue.Options.Json)
        ?? throw new System.Text.Json.JsonException($"Run {run.RunId} of task '{run.TaskName}' was submitted without arguments; {typeof(TArgs).FullName} was expected.");
}
