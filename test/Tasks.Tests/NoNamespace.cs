/// <summary>A task that has no namespace, which it needs.</summary>
public sealed record Homeless : TasksBus.ITask;
