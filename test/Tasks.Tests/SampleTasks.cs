namespace TasksBus.Tests;

/// <summary>Gives the sum.</summary>
public sealed record Add(int X, int Y) : ITask<int>;

/// <summary>Does whatever the test's handler does, without a result.</summary>
public sealed record Work(string Name = "") : ITask;

/// <summary>Gives whatever text the test's handler gives.</summary>
public sealed record Ask(string Question = "") : ITask<string?>;
