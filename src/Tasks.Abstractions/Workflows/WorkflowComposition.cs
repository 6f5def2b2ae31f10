using System.Linq.Expressions;

using TasksBus.Workflows;

namespace TasksBus;

/// <summary>What can be done with every workflow and keeps its kind.</summary>
public static class WorkflowComposition
{
    /// <summary>A call of this task, not yet sent.</summary>
    public static TaskCall<TResult> ToCall<TResult>(this ITask<TResult> task) => TaskCall.Of(task);

    /// <summary>A call of this task, not yet sent.</summary>
    public static TaskCall ToCall(this ITask task) => TaskCall.Of(task);

    /// <summary>The same under a name; see <see cref="Workflow.Name"/>.</summary>
    public static TWorkflow Named<TWorkflow>(this TWorkflow workflow, string name)
        where TWorkflow : Workflow
    {
        ArgumentNullException.ThrowIfNull(name);
        return (TWorkflow)((Workflow)workflow with { Name = name });
    }

    /// <summary>
    /// This, and when it has succeeded, a call that was made elsewhere, with the whole result as one of its arguments:
    /// <c>Then(call, into: (Extract next) => next.Page)</c>.
    /// </summary>
    /// <typeparam name="TInto">The type of that argument, which the result must fit.</typeparam>
    /// <exception cref="InvalidWorkflowException">The call is of another task, or the expression is more than a property.</exception>
    public static Workflow<TNext> Then<TResult, TNext, TArguments, TInto>(this Workflow<TResult> workflow, TaskCall<TNext> call, Expression<Func<TArguments, TInto>> into)
        where TResult : TInto =>
        workflow.Then(call with { Part = ((CallPart)call.Part).Taking(CallExpression.Target(into)) });

    /// <inheritdoc cref="Then{TResult, TNext, TArguments, TInto}(Workflow{TResult}, TaskCall{TNext}, Expression{Func{TArguments, TInto}})"/>
    public static Workflow Then<TResult, TArguments, TInto>(this Workflow<TResult> workflow, TaskCall call, Expression<Func<TArguments, TInto>> into)
        where TResult : TInto =>
        workflow.Then(call with { Part = ((CallPart)call.Part).Taking(CallExpression.Target(into)) });

    /// <summary>This, and when it has succeeded, a call that was made elsewhere, with the whole result as one of its arguments, by its name in JSON.</summary>
    public static Workflow<TNext> Then<TResult, TNext>(this Workflow<TResult> workflow, TaskCall<TNext> call, string into) =>
        workflow.Then(call with { Part = ((CallPart)call.Part).Taking(new Property(null, into)) });

    /// <inheritdoc cref="Then{TResult, TNext}(Workflow{TResult}, TaskCall{TNext}, string)"/>
    public static Workflow Then<TResult>(this Workflow<TResult> workflow, TaskCall call, string into) =>
        workflow.Then(call with { Part = ((CallPart)call.Part).Taking(new Property(null, into)) });

    /// <summary>This, and a call that is made when it has succeeded, and takes nothing from it; otherwise as <see cref="Workflow{TResult}.OnSuccess"/>.</summary>
    public static TWorkflow OnSuccess<TWorkflow>(this TWorkflow workflow, ITask call)
        where TWorkflow : Workflow => workflow.OnSuccess(TaskCall.Of(call));

    /// <inheritdoc cref="OnSuccess{TWorkflow}(TWorkflow, ITask)"/>
    /// <exception cref="InvalidWorkflowException">It is more than one call.</exception>
    public static TWorkflow OnSuccess<TWorkflow>(this TWorkflow workflow, Workflow call)
        where TWorkflow : Workflow => (TWorkflow)workflow.Beside(call, isForFailure: false);

    /// <summary>
    /// This, and a call that is made when it has not succeeded, of what went wrong, as in
    /// <c>OnFailure(failure => new Alert(failure.Step, failure.Error))</c>. Nothing waits for that call, and nothing follows from its failure.
    /// </summary>
    /// <remarks>Made exactly once, always as a run: when this has failed for good, expired or been revoked, however many of its steps have.</remarks>
    /// <exception cref="InvalidWorkflowException">An argument depends on the failure in another way than as a whole or by its properties.</exception>
    public static TWorkflow OnFailure<TWorkflow>(this TWorkflow workflow, Expression<Func<StepFailure, ITask>> call)
        where TWorkflow : Workflow => (TWorkflow)workflow.Beside(new TaskCall(CallExpression.Read(call)), isForFailure: true);

    /// <summary>This, and a call that is made when it has not succeeded, and is told nothing of it.</summary>
    /// <inheritdoc cref="OnFailure{TWorkflow}(TWorkflow, Expression{Func{StepFailure, ITask}})"/>
    public static TWorkflow OnFailure<TWorkflow>(this TWorkflow workflow, ITask call)
        where TWorkflow : Workflow => workflow.OnFailure(TaskCall.Of(call));

    /// <inheritdoc cref="OnFailure{TWorkflow}(TWorkflow, ITask)"/>
    /// <exception cref="InvalidWorkflowException">It is more than one call.</exception>
    public static TWorkflow OnFailure<TWorkflow>(this TWorkflow workflow, Workflow call)
        where TWorkflow : Workflow => (TWorkflow)workflow.Beside(call, isForFailure: true);
}
