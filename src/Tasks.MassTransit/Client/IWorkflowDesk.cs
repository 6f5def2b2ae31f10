namespace TasksBus.Client;

/// <summary>Where workflows are handed in and asked for.</summary>
internal interface IWorkflowDesk
{
    /// <inheritdoc cref="ITaskClient.Run(Workflow, WorkflowOptions?, CancellationToken)"/>
    Task<Guid> Submit(Workflow workflow, WorkflowOptions? options, CancellationToken cancellationToken);

    /// <inheritdoc cref="ITaskClient.FindWorkflow{TResult}(Guid)"/>
    WorkflowHandle<TResult> Find<TResult>(Guid workflowId);
}
