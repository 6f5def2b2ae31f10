using System.Diagnostics;
using System.Globalization;

namespace TasksBus.Cli.Supervision;

/// <summary>How a worker process is started.</summary>
/// <param name="Program">The program, by its path.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Variables">What it finds in its environment, besides what the supervisor has there.</param>
internal sealed record ChildCommand(string Program, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Variables)
{
    /// <summary>Starts a program in a session of its own; on every Linux, on no macOS.</summary>
    private static readonly string? OwnSession = Find("setsid", Environment.GetEnvironmentVariable("PATH") ?? "");

    /// <summary>The path of a program.</summary>
    /// <param name="program">A path, or a name to be looked for.</param>
    /// <param name="path">The folders to look in, as in the environment variable PATH.</param>
    /// <returns>Null if there is no such program, or it may not be run.</returns>
    public static string? Find(string program, string path)
    {
        var candidates = program.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? [Path.GetFullPath(program)]
            : path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, program));
        return candidates.FirstOrDefault(IsProgram);
    }

    /// <summary>What a worker is told by its environment.</summary>
    public static IReadOnlyDictionary<string, string> VariablesFor(int? maxRuns, long? maxMemory, bool isIsolated)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal) { [WorkerVariables.Supervisor] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture) };
        if (maxRuns is { } runs)
            variables[WorkerVariables.RecycleAfterRuns] = runs.ToString(CultureInfo.InvariantCulture);
        if (maxMemory is { } memory)
            variables[WorkerVariables.RecycleAboveMemory] = memory.ToString(CultureInfo.InvariantCulture);
        if (isIsolated)
            variables[WorkerVariables.RecycleWhenLeftBehind] = bool.TrueString;
        return variables;
    }

    /// <summary>What to start. In a session of its own, so that a Ctrl+C in the terminal reaches the supervisor alone, which passes it on.</summary>
    public ProcessStartInfo ToStart()
    {
        var start = OwnSession is null ? new ProcessStartInfo(Program, Arguments) : new ProcessStartInfo(OwnSession, [Program, .. Arguments]);
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        foreach (var (name, value) in Variables)
            start.Environment[name] = value;
        return start;
    }

    private static bool IsProgram(string path) =>
        File.Exists(path)
        && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != UnixFileMode.None);
}
