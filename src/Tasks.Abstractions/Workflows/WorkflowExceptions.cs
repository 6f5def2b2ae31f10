namespace TasksBus;

/// <summary>The workflow has ended without a result.</summary>
public sealed class WorkflowFailedException(WorkflowSnapshot workflow) : Exception(Describe(workflow))
{
    /// <summary>The workflow as it ended, with all its steps.</summary>
    public WorkflowSnapshot Workflow { get; } = workflow;

    private static string Describe(WorkflowSnapshot workflow)
    {
        ArgumentNullException.ThrowIfNull(workflow);
        var end = $"Workflow {workflow.WorkflowId} has ended {workflow.State}";
        if (workflow.Failure is { } failure)
            return $"{end}: step '{failure.Step}' ended {failure.State}{(failure.Kind is { } kind ? $" ({kind})" : null)}{(failure.Error is { } error ? $": {error.Type}: {error.Message}" : ".")}";
        return workflow.RevokeReason is null ? $"{end}." : $"{end}: {workflow.RevokeReason}";
    }
}

/// <summary>Nothing is known of the workflow.</summary>
public sealed class WorkflowNotFoundException(Guid workflowId)
    : Exception($"Nothing is known of workflow {workflowId}: the id is wrong, or its record has expired ({nameof(WorkflowOptions)}.{nameof(WorkflowOptions.Lifetime)}).")
{
    /// <summary>The id that was asked for.</summary>
    public Guid WorkflowId { get; } = workflowId;
}
