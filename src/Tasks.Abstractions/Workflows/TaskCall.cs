using System.Linq.Expressions;
using System.Text.Json.Serialization;

using TasksBus.Workflows;

namespace TasksBus;

/// <summary>A task with arguments and options, not yet sent. Does not change: <c>call with { Options = … }</c> is another one. Can be written as JSON and read again.</summary>
[JsonConverter(typeof(WorkflowJson))]
public sealed record TaskCall : Workflow
{
    internal TaskCall(CallPart call)
        : base(call)
    {
    }

    /// <summary>The task; one that is known by the type of its arguments goes by another name where the options of the queue say so.</summary>
    public string TaskName => Call.Task;

    /// <summary>How its run differs from what the task's options say. Default: null, in nothing.</summary>
    public RunOptions? Options { get => Call.Options; init => Part = Call with { Options = value }; }

    private CallPart Call => (CallPart)Part;

    /// <summary>A call of a task with a result.</summary>
    public static TaskCall<TResult> Of<TResult>(ITask<TResult> task) => new(CallPart.Of(task));

    /// <summary>A call of a task without a result.</summary>
    public static TaskCall Of(ITask task) => new(CallPart.Of(task));

    /// <summary>A call of a task by its name, for callers without its types.</summary>
    /// <param name="taskName">The name under which the workers know the task.</param>
    /// <param name="arguments">Anything that serialises to the JSON that the handler expects; null for an empty object.</param>
    public static TaskCall Of(string taskName, object? arguments) => new(CallPart.Of(taskName, arguments));

    /// <inheritdoc cref="Of(string, object)"/>
    /// <typeparam name="TResult">What its handler returns.</typeparam>
    public static TaskCall<TResult> Of<TResult>(string taskName, object? arguments) => new(CallPart.Of(taskName, arguments));

    /// <summary>This, and a call that takes it back, should the workflow fail after it has succeeded.</summary>
    public TaskCall CompensatedBy(ITask compensation) => this with { Part = Call with { Compensation = CallPart.Of(compensation) } };

    /// <inheritdoc cref="CompensatedBy(ITask)"/>
    /// <param name="compensation">A call that is compensated for by none itself.</param>
    public TaskCall CompensatedBy(Workflow compensation) => this with { Part = Call.CompensatedBy(compensation) };
}

/// <inheritdoc cref="TaskCall"/>
/// <typeparam name="TResult">What its handler returns.</typeparam>
[JsonConverter(typeof(WorkflowJson))]
public sealed record TaskCall<TResult> : Workflow<TResult>
{
    internal TaskCall(CallPart call)
        : base(call)
    {
    }

    /// <inheritdoc cref="TaskCall.TaskName"/>
    public string TaskName => Call.Task;

    /// <inheritdoc cref="TaskCall.Options"/>
    public RunOptions? Options { get => Call.Options; init => Part = Call with { Options = value }; }

    private CallPart Call => (CallPart)Part;

    /// <summary>This, and a call that takes it back, should the workflow fail after it has succeeded: <c>CompensatedBy(booking => new CancelBooking(booking.Id))</c>.</summary>
    /// <param name="compensation">Constructs the arguments from the result that is to be taken back.</param>
    /// <exception cref="InvalidWorkflowException">An argument depends on the result in another way than as a whole or by its properties.</exception>
    public TaskCall<TResult> CompensatedBy(Expression<Func<TResult, ITask>> compensation) =>
        this with { Part = Call with { Compensation = CallExpression.Read(compensation) } };

    /// <inheritdoc cref="TaskCall.CompensatedBy(ITask)"/>
    public TaskCall<TResult> CompensatedBy(ITask compensation) => this with { Part = Call with { Compensation = CallPart.Of(compensation) } };

    /// <inheritdoc cref="TaskCall.CompensatedBy(Workflow)"/>
    public TaskCall<TResult> CompensatedBy(Workflow compensation) => this with { Part = Call.CompensatedBy(compensation) };
}
