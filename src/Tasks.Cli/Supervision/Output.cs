namespace TasksBus.Cli.Supervision;

/// <summary>What the supervisor says, and what it passes on of its workers. Safe to share between threads.</summary>
internal sealed class Output(TextWriter lines, TextWriter errors)
{
    /// <summary>A line of the supervisor's own.</summary>
    public void Say(string line) => lines.WriteLine($"supervise: {line}");

    /// <summary>A line that a worker wrote.</summary>
    public void PassOn(int worker, string line) => lines.WriteLine($"[{worker}] {line}");

    /// <summary>A line that a worker wrote as an error.</summary>
    public void PassOnError(int worker, string line) => errors.WriteLine($"[{worker}] {line}");
}
