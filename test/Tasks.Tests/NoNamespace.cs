#pragma warning disable CA1050 // That it is in no namespace is what it is for.
/// <summary>A task that has no namespace, which it needs.</summary>
public sealed record Homeless : TasksBus.ITask;
