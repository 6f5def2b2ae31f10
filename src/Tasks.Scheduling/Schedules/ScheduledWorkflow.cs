using System.Text.Json;

using TasksBus.Configuration;
using TasksBus.Workflows;

namespace TasksBus.Schedules;

/// <summary>The workflow that a schedule starts.</summary>
/// <param name="Workflow">The JSON of a workflow, in which the names of tasks are settled: nodes need not know their types.</param>
/// <param name="Options">As those of a workflow that is submitted.</param>
internal sealed record ScheduledWorkflow(Payload Workflow, WorkflowOptions? Options)
{
    /// <summary>As in <see cref="ScheduledAction.Kind"/>.</summary>
    public const string Kind = "workflow";

    /// <summary>What is to be kept of a schedule of a workflow.</summary>
    /// <exception cref="ArgumentException">The workflow or the options cannot be.</exception>
    public static ScheduledAction Of(TaskSchedule schedule, ScheduledCalls calls)
    {
        CheckOptions(schedule);
        CheckCalls(schedule, calls);
        return new ScheduledAction(Kind, Payload.From(new ScheduledWorkflow(Write(schedule, calls.Catalogue), schedule.WorkflowOptions)));
    }

    /// <summary>The schedule again.</summary>
    public TaskSchedule ToSchedule(string name, ScheduleRule rule) => new(name, Workflow.As<Workflow>()!, rule) { WorkflowOptions = Options };

    private static void CheckOptions(TaskSchedule schedule)
    {
        if (schedule.TaskName is not null || schedule.Arguments is not null || schedule.Options is not null)
        {
            throw new ArgumentException(
                $"Schedule '{schedule.Name}' has a workflow, and beside it {nameof(TaskSchedule.TaskName)}, {nameof(TaskSchedule.Arguments)} or {nameof(TaskSchedule.Options)}, which are those of a task. " +
                $"Give options to the calls of the workflow, or to all of it in {nameof(TaskSchedule.WorkflowOptions)}.",
                nameof(schedule));
        }

        if (schedule.WorkflowOptions is not { } options)
            return;
        if (options.WorkflowId is { } id)
            throw new ArgumentException($"Schedule '{schedule.Name}': {nameof(WorkflowOptions.WorkflowId)} is {id}, but each occurrence is a workflow with an id of its own. Leave it null.", nameof(schedule));
        try
        {
            WorkflowDesk.Check(options);
        }
        catch (ArgumentException exception)
        {
            throw new ArgumentException($"Schedule '{schedule.Name}': {exception.Message}", nameof(schedule), exception);
        }
    }

    private static void CheckCalls(TaskSchedule schedule, ScheduledCalls calls)
    {
        foreach (var call in PlanOf(schedule, calls.Catalogue).Nodes.SelectMany(node => new[] { node.Call, node.Compensation }).OfType<NodeCall>())
            calls.Check(schedule.Name, call.TaskName, call.Arguments, WorkflowDesk.For(call.Options, schedule.WorkflowOptions ?? new WorkflowOptions()));
    }

    private static WorkflowPlan PlanOf(TaskSchedule schedule, TaskCatalogue catalogue)
    {
        try
        {
            return WorkflowPlanner.Plan(schedule.Workflow!, catalogue.Options.Json, catalogue.NameOf, catalogue.Options.MaxPayloadSize);
        }
        catch (InvalidWorkflowException exception)
        {
            throw new ArgumentException($"Schedule '{schedule.Name}': {exception.Message}", nameof(schedule), exception);
        }
    }

    private static Payload Write(TaskSchedule schedule, TaskCatalogue catalogue)
    {
        var document = WorkflowDocument.Of(schedule.Workflow!, catalogue.Options.Json, catalogue.NameOf);
        var json = Payload.Known(JsonSerializer.SerializeToUtf8Bytes(document, WorkflowDocument.Options));
        return json.Length <= catalogue.Options.MaxPayloadSize
            ? json
            : throw new ArgumentException(
                PayloadSize.TooLong($"Schedule '{schedule.Name}': its workflow is", json.Length, catalogue.Options.MaxPayloadSize) + " Or schedule a task whose handler composes and submits it.", nameof(schedule));
    }
}
