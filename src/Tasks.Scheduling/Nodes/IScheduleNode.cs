namespace TasksBus.Nodes;

/// <summary>This process's part in acting on schedules.</summary>
internal interface IScheduleNode
{
    /// <summary>Takes part.</summary>
    Task Start(CancellationToken cancellationToken);

    /// <summary>Takes part no more, after what is under way is done.</summary>
    Task Stop(CancellationToken cancellationToken);
}
