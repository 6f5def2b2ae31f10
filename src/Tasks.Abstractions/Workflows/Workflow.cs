using System.Linq.Expressions;
using System.Text.Json;
using System.Text.Json.Serialization;

using TasksBus.Workflows;

namespace TasksBus;

/// <summary>
/// Something to run that is made of parts: a <see cref="TaskCall"/>, or calls in sequence, side by side, or after each other as a graph says; each
/// part may be any other workflow. Nothing is sent yet. Does not change: every member gives a new one. Safe to share between threads.
/// </summary>
[JsonConverter(typeof(WorkflowJson))]
public partial record Workflow
{
    /// <summary>How many steps a workflow may have, joins and its start included; more would hold up the store for everybody.</summary>
    public const int MaxSteps = 1_000_000;

    internal Workflow(Part part) => Part = part;

    /// <summary>
    /// Of a step: its name, once in a workflow; default: that of its task and a number. Of what has steps: stands before the names of those that have
    /// none of their own. 1 to 255 characters.
    /// </summary>
    /// <exception cref="InvalidWorkflowException">The name is empty or too long.</exception>
    public string? Name
    {
        get;
        init => field = value is null or { Length: >= 1 and <= 255 }
            ? value
            : throw new InvalidWorkflowException($"A name has {value.Length} characters: '{value}'. Give 1 to 255, or null for a default.");
    }

    internal Part Part { get; init; }

    internal IReadOnlyList<SideCall> Sides { get; init; } = [];

    /// <summary>What is known of the type of the result; null if nothing is, or there is none.</summary>
    internal virtual Type? ResultType => Part switch
    {
        CallPart call => call.ResultType,
        ChainPart chain => chain.Last.Step.ResultType,
        _ => null,
    };

    /// <summary>Whether there is a result, as far as is known.</summary>
    internal virtual bool HasResult => Part switch
    {
        CallPart call => call.ArgumentsType is null || call.ResultType is not null,
        ChainPart chain => chain.Last.Step.HasResult,
        GraphPart graph => graph.Result is not null,
        GroupPart or SignalPart => true,
        _ => false,
    };

    /// <summary>This, and when it has succeeded, another one, which takes nothing from it.</summary>
    public Workflow<TNext> Then<TNext>(Workflow<TNext> next) => new(Chained(next));

    /// <inheritdoc cref="Then{TNext}(Workflow{TNext})"/>
    public Workflow Then(Workflow next) => new(Chained(next));

    /// <inheritdoc cref="Then{TNext}(Workflow{TNext})"/>
    public Workflow<TNext> Then<TNext>(ITask<TNext> next) => Then(TaskCall.Of(next));

    /// <inheritdoc cref="Then{TNext}(Workflow{TNext})"/>
    public Workflow Then(ITask next) => Then(TaskCall.Of(next));

    /// <summary>Its name, or what it is.</summary>
    public sealed override string ToString() => Name ?? Part.Describe();

    internal ChainPart Chained(Workflow next)
    {
        ArgumentNullException.ThrowIfNull(next);

        // A chain that has a name or calls beside it stays a part of its own.
        var before = this is { Part: ChainPart chain, Name: null, Sides.Count: 0 } ? chain.Last : new ChainLink(null, this);
        return new ChainPart(new ChainLink(before, next));
    }

    internal Workflow Beside(Workflow call, bool isForFailure)
    {
        ArgumentNullException.ThrowIfNull(call);
        return call is { Part: CallPart, Sides.Count: 0 }
            ? this with { Sides = [.. Sides, new SideCall(call, isForFailure)] }
            : throw new InvalidWorkflowException(
                $"{(isForFailure ? nameof(WorkflowComposition.OnFailure) : nameof(WorkflowComposition.OnSuccess))} of '{this}' is given '{call}', which is more than one call. " +
                "Give a single call, without others beside it; its handler can start a workflow.");
    }
}

/// <inheritdoc cref="Workflow"/>
/// <typeparam name="TResult">The result with which it ends.</typeparam>
[JsonConverter(typeof(WorkflowJson))]
public record Workflow<TResult> : Workflow
{
    internal Workflow(Part part)
        : base(part)
    {
    }

    internal override Type? ResultType => typeof(TResult);

    internal override bool HasResult => true;

    /// <summary>This, and when it has succeeded, a call whose arguments are made of the result: <c>Then(page => new Extract(page.Text, "en"))</c>.</summary>
    /// <param name="next">
    /// Constructs the arguments. Each of them is the whole result, a property of it, also of a property, or does not depend on it; the latter are
    /// evaluated now, once.
    /// </param>
    /// <param name="configure">Changes the call: its options, its name, what compensates for it.</param>
    /// <exception cref="InvalidWorkflowException">An argument depends on the result in another way, or is none that the JSON of the arguments has.</exception>
    public Workflow<TNext> Then<TNext>(Expression<Func<TResult, ITask<TNext>>> next, Func<TaskCall<TNext>, Workflow<TNext>>? configure = null)
    {
        var call = new TaskCall<TNext>(CallExpression.Read(next));
        return Then(configure is null ? call : configure(call));
    }

    /// <inheritdoc cref="Then{TNext}(Expression{Func{TResult, ITask{TNext}}}, Func{TaskCall{TNext}, Workflow{TNext}})"/>
    public Workflow Then(Expression<Func<TResult, ITask>> next, Func<TaskCall, Workflow>? configure = null)
    {
        var call = new TaskCall(CallExpression.Read(next));
        return Then(configure is null ? call : configure(call));
    }

    /// <summary>This, and when it has succeeded, several calls side by side, each made of the same result, as for <see cref="Then{TNext}(Expression{Func{TResult, ITask{TNext}}}, Func{TaskCall{TNext}, Workflow{TNext}})"/>.</summary>
    public Workflow<IReadOnlyList<TNext>> ThenGroup<TNext>(params IEnumerable<Expression<Func<TResult, ITask<TNext>>>> next) =>
        ThenGroup(next, configure: null);

    /// <summary>This, and when it has succeeded, several calls side by side, each made of the same result.</summary>
    /// <param name="next">Construct the arguments, as for <see cref="Then{TNext}(Expression{Func{TResult, ITask{TNext}}}, Func{TaskCall{TNext}, Workflow{TNext}})"/>.</param>
    /// <param name="configure">Changes the group: what it does when a member fails, how its members are staggered, its name.</param>
    /// <param name="configureCall">Changes each call: its options, its name, what compensates for it.</param>
    /// <exception cref="InvalidWorkflowException">An argument depends on the result in another way, or is none that the JSON of the arguments has.</exception>
    public Workflow<IReadOnlyList<TNext>> ThenGroup<TNext>(
        IEnumerable<Expression<Func<TResult, ITask<TNext>>>> next, Func<WorkflowGroup<TNext>, Workflow<IReadOnlyList<TNext>>>? configure, Func<TaskCall<TNext>, Workflow<TNext>>? configureCall = null)
    {
        var calls = next.Select(one => new TaskCall<TNext>(CallExpression.Read(one)));
        var group = Group(calls.Select(call => configureCall?.Invoke(call) ?? call));
        return Then(configure?.Invoke(group) ?? group);
    }

    /// <summary>This, and when it has succeeded, several calls side by side, with results of different types or none; the result is the list of their JSON, in the same order.</summary>
    /// <inheritdoc cref="ThenGroup{TNext}(IEnumerable{Expression{Func{TResult, ITask{TNext}}}})"/>
    public Workflow<IReadOnlyList<JsonElement>> ThenGroup(params IEnumerable<Expression<Func<TResult, ITask>>> next) => ThenGroup(next, configure: null);

    /// <summary>This, and when it has succeeded, several calls side by side, with results of different types or none; the result is the list of their JSON, in the same order.</summary>
    /// <inheritdoc cref="ThenGroup{TNext}(IEnumerable{Expression{Func{TResult, ITask{TNext}}}}, Func{WorkflowGroup{TNext}, Workflow{IReadOnlyList{TNext}}}, Func{TaskCall{TNext}, Workflow{TNext}})"/>
    public Workflow<IReadOnlyList<JsonElement>> ThenGroup(
        IEnumerable<Expression<Func<TResult, ITask>>> next, Func<WorkflowGroup<JsonElement>, Workflow<IReadOnlyList<JsonElement>>>? configure, Func<TaskCall, Workflow>? configureCall = null)
    {
        var calls = next.Select(one => new TaskCall(CallExpression.Read(one)));
        var group = Group(calls.Select(call => configureCall?.Invoke(call) ?? call));
        return Then(configure?.Invoke(group) ?? group);
    }

    /// <summary>
    /// This, and a call that is made when it has succeeded, from its result, as in <c>OnSuccess(page => new Notify(page.Title))</c>. Nothing waits for
    /// that call, and nothing follows from its failure.
    /// </summary>
    /// <remarks>Made exactly once: not when this has failed, expired or been revoked.</remarks>
    /// <exception cref="InvalidWorkflowException">As for <see cref="Then(Expression{Func{TResult, ITask}}, Func{TaskCall, Workflow})"/>.</exception>
    public Workflow<TResult> OnSuccess(Expression<Func<TResult, ITask>> next) =>
        (Workflow<TResult>)Beside(new TaskCall(CallExpression.Read(next)), isForFailure: false);
}
