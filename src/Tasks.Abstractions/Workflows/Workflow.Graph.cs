using System.Linq.Expressions;

using TasksBus.Workflows;

namespace TasksBus;

/// <content>Graphs: steps that wait for others by their names.</content>
public partial record Workflow
{
    /// <summary>
    /// Named steps that wait for each other: those that wait for nothing begin side by side, and the graph ends with the last of them.
    /// <code>
    /// Workflow.Graph(
    ///     Workflow.Step("left", new Fetch("a")),
    ///     Workflow.Step("right", new Fetch("b")),
    ///     Workflow.Step("both", (Page left, Page right) => new Join(left.Text, right.Text)),
    ///     Workflow.Step("audit", new Audit(), after: ["left"])).Returns&lt;string&gt;("both")
    /// </code>
    /// </summary>
    /// <param name="steps">In any order.</param>
    /// <exception cref="InvalidWorkflowException">
    /// There are no steps, two have the same name, one waits for a step that there is not, or for itself by way of others, or takes a result that it does not fit.
    /// </exception>
    public static WorkflowGraph Graph(params IEnumerable<WorkflowStep> steps) => new(new GraphPart(GraphOrder.Of([.. steps])));

    /// <summary>A step of a graph that takes nothing from others.</summary>
    /// <param name="name">The name by which others wait for it. 1 to 255 characters; for those that take its result, a name that a parameter can have.</param>
    /// <param name="work">Any workflow.</param>
    /// <param name="after">The steps that it waits for. Default: none.</param>
    public static WorkflowStep Step(string name, Workflow work, IEnumerable<string>? after = null)
    {
        ArgumentNullException.ThrowIfNull(work);
        return new WorkflowStep(work.Named(name), [], after);
    }

    /// <summary>A step of a graph that takes nothing from others.</summary>
    /// <inheritdoc cref="Step(string, Workflow, IEnumerable{string})"/>
    public static WorkflowStep Step(string name, ITask task, IEnumerable<string>? after = null) => Step(name, TaskCall.Of(task), after);

    /// <summary>
    /// A step of a graph that takes the results of others: each parameter has the name of a step and the type of its result, as in
    /// <c>Step("both", (Page left, Page right) => new Join(left.Text, right.Text))</c>.
    /// </summary>
    /// <param name="name">The name by which others wait for it. 1 to 255 characters; for those that take its result, a name that a parameter can have.</param>
    /// <param name="next">Constructs the arguments, as for <see cref="Workflow{TResult}.Then{TNext}(Expression{Func{TResult, ITask{TNext}}}, Func{TaskCall{TNext}, Workflow{TNext}})"/>.</param>
    /// <param name="after">More steps that it waits for. Default: none.</param>
    /// <param name="configure">Changes the call: its options, what compensates for it.</param>
    /// <exception cref="InvalidWorkflowException">An argument depends on a result in another way than as a whole or by its properties.</exception>
    public static WorkflowStep Step(string name, LambdaExpression next, IEnumerable<string>? after = null, Func<TaskCall, Workflow>? configure = null)
    {
        var call = new TaskCall(CallExpression.Read(next));
        return new WorkflowStep((configure is null ? call : configure(call)).Named(name), [.. next.Parameters.Select(parameter => (parameter.Name!, parameter.Type))], after);
    }
}
