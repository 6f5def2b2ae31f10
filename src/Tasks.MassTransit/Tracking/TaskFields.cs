namespace TasksBus.Tracking;

/// <summary>What is kept of a run beside its document, and the indexes that find it.</summary>
internal static class TaskFields
{
    /// <summary>The kind of saga that a run is.</summary>
    public const string Kind = "run";

    public const string Arguments = "a";
    public const string Result = "r";
    public const string Data = "d";
    public const string Progress = "p";

    private static readonly string[] StateNames = Enum.GetNames<TaskState>();
    private static readonly string[] StateIndexes = [.. StateNames.Select(name => "state:" + name)];

    /// <summary>The index of all runs: one that moves from state to state is never missing in it.</summary>
    public const string IndexOfAll = "all";

    /// <summary>The index of the pending runs that wait for a limit.</summary>
    public const string IndexOfLimited = "limited";

    public static string NameOf(TaskState state) => StateNames[(int)state];

    public static string IndexOf(TaskState state) => StateIndexes[(int)state];

    public static string IndexOfState(string state) => StateIndexes[Array.IndexOf(StateNames, state)];

    public static string IndexOfTask(string taskName) => "task:" + taskName;

    public static string IndexOfQueue(string queue) => "queue:" + queue;
}
