using System.Text.Json;

using TasksBus.Workflows;

namespace TasksBus;

/// <content>One run for many items.</content>
public partial record Workflow
{
    /// <summary>One run that does the same task for each item, one after the other in one slot: <c>Workflow.Map(paths, path => new Resize(path, 800))</c>.</summary>
    /// <typeparam name="TItem">An item.</typeparam>
    /// <typeparam name="TResult">The result for each; that of the run is the list of them, in the order of the items, also of none.</typeparam>
    /// <param name="items">The items, and</param>
    /// <param name="task">the arguments that each of them gives; always of the same task.</param>
    /// <param name="options">How the run differs from what the task's options say.</param>
    /// <exception cref="InvalidWorkflowException">Two items give arguments of different tasks.</exception>
    public static Workflow<IReadOnlyList<TResult>> Map<TItem, TResult>(IEnumerable<TItem> items, Func<TItem, ITask<TResult>> task, RunOptions? options = null) =>
        new(Many(items.Select(task), options));

    /// <summary>One run that does the same task, which has no result, for each item, one after the other in one slot.</summary>
    /// <inheritdoc cref="Map{TItem, TResult}(IEnumerable{TItem}, Func{TItem, ITask{TResult}}, RunOptions)"/>
    public static Workflow Map<TItem>(IEnumerable<TItem> items, Func<TItem, ITask> task, RunOptions? options = null) => new(Many(items.Select(task), options));

    /// <summary><see cref="Map{TItem, TResult}(IEnumerable{TItem}, Func{TItem, ITask{TResult}}, RunOptions)"/> for items of two values: <c>Workflow.StarMap(pairs, (x, y) => new Add(x, y))</c>.</summary>
    public static Workflow<IReadOnlyList<TResult>> StarMap<T1, T2, TResult>(IEnumerable<(T1, T2)> items, Func<T1, T2, ITask<TResult>> task, RunOptions? options = null) =>
        Map(items, item => task(item.Item1, item.Item2), options);

    /// <inheritdoc cref="StarMap{T1, T2, TResult}(IEnumerable{ValueTuple{T1, T2}}, Func{T1, T2, ITask{TResult}}, RunOptions)"/>
    public static Workflow StarMap<T1, T2>(IEnumerable<(T1, T2)> items, Func<T1, T2, ITask> task, RunOptions? options = null) =>
        Map(items, item => task(item.Item1, item.Item2), options);

    /// <summary><see cref="Map{TItem, TResult}(IEnumerable{TItem}, Func{TItem, ITask{TResult}}, RunOptions)"/> for items of three values.</summary>
    public static Workflow<IReadOnlyList<TResult>> StarMap<T1, T2, T3, TResult>(IEnumerable<(T1, T2, T3)> items, Func<T1, T2, T3, ITask<TResult>> task, RunOptions? options = null) =>
        Map(items, item => task(item.Item1, item.Item2, item.Item3), options);

    /// <inheritdoc cref="StarMap{T1, T2, T3, TResult}(IEnumerable{ValueTuple{T1, T2, T3}}, Func{T1, T2, T3, ITask{TResult}}, RunOptions)"/>
    public static Workflow StarMap<T1, T2, T3>(IEnumerable<(T1, T2, T3)> items, Func<T1, T2, T3, ITask> task, RunOptions? options = null) =>
        Map(items, item => task(item.Item1, item.Item2, item.Item3), options);

    /// <summary>The items split into runs of some each, side by side; the result is the list of their lists, in the order of the items.</summary>
    /// <param name="items">The items.</param>
    /// <param name="size">How many of them a run takes, at the most. 1 or more.</param>
    /// <param name="task">The arguments that each item gives; always of the same task.</param>
    /// <param name="options">How the runs differ from what the task's options say.</param>
    /// <exception cref="InvalidWorkflowException">The size is below 1, or two items of a run give arguments of different tasks.</exception>
    public static WorkflowGroup<IReadOnlyList<TResult>> Chunks<TItem, TResult>(
        IEnumerable<TItem> items, int size, Func<TItem, ITask<TResult>> task, RunOptions? options = null) =>
        Group(items.Chunk(ChunkSize(size)).Select(chunk => Map(chunk, task, options)));

    /// <summary>The items split into runs of some each, side by side, of a task that has no result.</summary>
    /// <inheritdoc cref="Chunks{TItem, TResult}(IEnumerable{TItem}, int, Func{TItem, ITask{TResult}}, RunOptions)"/>
    public static WorkflowGroup<JsonElement> Chunks<TItem>(IEnumerable<TItem> items, int size, Func<TItem, ITask> task, RunOptions? options = null) =>
        Group(items.Chunk(ChunkSize(size)).Select(chunk => Map(chunk, task, options)));

    /// <remarks>Without items nobody knows the task; a group of none gives the same result.</remarks>
    private static Part Many(IEnumerable<ITask> tasks, RunOptions? options) =>
        tasks.ToList() is { Count: > 0 } all ? CallPart.OfMany(all, options) : new GroupPart([]);

    private static int ChunkSize(int size) =>
        size >= 1 ? size : throw new InvalidWorkflowException($"Items are split into chunks of {size}. Give 1 or more.");
}
