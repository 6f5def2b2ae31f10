using System.Linq.Expressions;
using System.Text.Json;

using TasksBus.Workflows;

namespace TasksBus;

/// <content>What workflows begin with.</content>
public partial record Workflow
{
    /// <summary>The first step of a chain: <c>Workflow.Chain(new Fetch(url)).Then(page => new Extract(page))</c>.</summary>
    public static TaskCall<TResult> Chain<TResult>(ITask<TResult> first) => TaskCall.Of(first);

    /// <inheritdoc cref="Chain{TResult}(ITask{TResult})"/>
    public static TaskCall Chain(ITask first) => TaskCall.Of(first);

    /// <inheritdoc cref="Chain{TResult}(ITask{TResult})"/>
    public static Workflow<TResult> Chain<TResult>(Workflow<TResult> first)
    {
        ArgumentNullException.ThrowIfNull(first);
        return first;
    }

    /// <summary>One after the other; none takes anything from the one before.</summary>
    /// <exception cref="InvalidWorkflowException">There are none.</exception>
    public static Workflow Chain(params IEnumerable<Workflow> steps)
    {
        ArgumentNullException.ThrowIfNull(steps);
        return steps.Aggregate((Workflow?)null, (before, step) => before is null ? step : before.Then(step))
            ?? throw new InvalidWorkflowException("A chain is given no steps. Give it at least one.");
    }

    /// <summary>Side by side; the result is the list of theirs, in the same order, also of one or of none.</summary>
    /// <typeparam name="TResult">The result of each.</typeparam>
    /// <exception cref="InvalidWorkflowException">There are more than <see cref="MaxSteps"/>.</exception>
    public static WorkflowGroup<TResult> Group<TResult>(params IEnumerable<ITask<TResult>> tasks) => Group(tasks.Select(task => TaskCall.Of(task)));

    /// <inheritdoc cref="Group{TResult}(IEnumerable{ITask{TResult}})"/>
    public static WorkflowGroup<TResult> Group<TResult>(params IEnumerable<Workflow<TResult>> members) => new(GroupPart.Of(members));

    /// <summary>Side by side, with results of different types or none; the result is the list of their JSON, in the same order; null for those without.</summary>
    public static WorkflowGroup<JsonElement> Group(params IEnumerable<ITask> tasks) => Group(tasks.Select(TaskCall.Of));

    /// <inheritdoc cref="Group(IEnumerable{ITask})"/>
    public static WorkflowGroup<JsonElement> Group(params IEnumerable<Workflow> members) => new(GroupPart.Of(members));

    /// <summary>Side by side, then one call that takes the list of the results, in the order of the tasks: <c>Chord(tasks, results => new Sum(results))</c>.</summary>
    /// <remarks>The same as a group and <see cref="Workflow{TResult}.Then{TNext}(Expression{Func{TResult, ITask{TNext}}}, Func{TaskCall{TNext}, Workflow{TNext}})"/>.</remarks>
    public static Workflow<TNext> Chord<TResult, TNext>(IEnumerable<ITask<TResult>> tasks, Expression<Func<IReadOnlyList<TResult>, ITask<TNext>>> callback, Func<TaskCall<TNext>, Workflow<TNext>>? configure = null) =>
        Group(tasks).Then(callback, configure);

    /// <inheritdoc cref="Chord{TResult, TNext}(IEnumerable{ITask{TResult}}, Expression{Func{IReadOnlyList{TResult}, ITask{TNext}}}, Func{TaskCall{TNext}, Workflow{TNext}})"/>
    public static Workflow Chord<TResult>(IEnumerable<ITask<TResult>> tasks, Expression<Func<IReadOnlyList<TResult>, ITask>> callback, Func<TaskCall, Workflow>? configure = null) =>
        Group(tasks).Then(callback, configure);

    /// <inheritdoc cref="Chord{TResult, TNext}(IEnumerable{ITask{TResult}}, Expression{Func{IReadOnlyList{TResult}, ITask{TNext}}}, Func{TaskCall{TNext}, Workflow{TNext}})"/>
    public static Workflow<TNext> Chord<TResult, TNext>(IEnumerable<Workflow<TResult>> members, Expression<Func<IReadOnlyList<TResult>, ITask<TNext>>> callback, Func<TaskCall<TNext>, Workflow<TNext>>? configure = null) =>
        Group(members).Then(callback, configure);

    /// <inheritdoc cref="Chord{TResult, TNext}(IEnumerable{ITask{TResult}}, Expression{Func{IReadOnlyList{TResult}, ITask{TNext}}}, Func{TaskCall{TNext}, Workflow{TNext}})"/>
    public static Workflow Chord<TResult>(IEnumerable<Workflow<TResult>> members, Expression<Func<IReadOnlyList<TResult>, ITask>> callback, Func<TaskCall, Workflow>? configure = null) =>
        Group(members).Then(callback, configure);

    /// <summary>A step at which somebody outside must say that it goes on, and may give it a value, which is the result.</summary>
    /// <typeparam name="TValue">The value.</typeparam>
    /// <param name="name">The signal; once in a workflow.</param>
    /// <param name="timeout">How long it is waited for before the step fails. More than 0, up to 36,500 days; null: as long as it takes.</param>
    /// <exception cref="InvalidWorkflowException">The timeout is 0 or less, or longer than that.</exception>
    public static Workflow<TValue> WaitForSignal<TValue>(string name, TimeSpan? timeout = null) => new Workflow<TValue>(Signal(name, timeout) with { Value = typeof(TValue) }).Named(name);

    /// <summary>A step at which somebody outside must say that it goes on.</summary>
    /// <inheritdoc cref="WaitForSignal{TValue}(string, TimeSpan?)"/>
    public static Workflow WaitForSignal(string name, TimeSpan? timeout = null) => new Workflow(Signal(name, timeout)).Named(name);

    /// <summary>A step that goes on at an instant; at once if that has passed.</summary>
    public static Workflow WaitUntil(DateTimeOffset instant) => new(new InstantPart(null, instant));

    /// <summary>A step that goes on some time after the step before has ended.</summary>
    /// <param name="delay">0 to 36,500 days.</param>
    /// <exception cref="InvalidWorkflowException">The delay is below 0, or longer than that.</exception>
    public static Workflow Wait(TimeSpan delay) =>
        delay >= TimeSpan.Zero && delay <= LongestWait
            ? new(new InstantPart(delay, null))
            : throw new InvalidWorkflowException($"A step waits for {delay}, which is {(delay < TimeSpan.Zero ? "below 0" : "longer than it could be waited for")}. Give 0 to {LongestWait.TotalDays:0} days.");

    /// <remarks>A century: what is added to the present still is a date.</remarks>
    private static TimeSpan LongestWait => TimeSpan.FromDays(36_500);

    private static SignalPart Signal(string name, TimeSpan? timeout)
    {
        ArgumentNullException.ThrowIfNull(name);
        return timeout is null || (timeout > TimeSpan.Zero && timeout <= LongestWait)
            ? new SignalPart(timeout)
            : throw new InvalidWorkflowException($"The signal '{name}' is waited for {timeout}. Give more than 0, up to {LongestWait.TotalDays:0} days, or null to wait as long as it takes.");
    }
}
