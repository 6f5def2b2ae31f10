namespace TasksBus.FaultTests;

/// <summary>How large a scenario is: short in every build, long with <c>build/test.sh --faults</c>.</summary>
internal static class Scale
{
    public static readonly bool IsLong = Environment.GetEnvironmentVariable("TASKSBUS_FAULTS") == "long";

    /// <summary>How soon something must have happened: in every build, which may share its machine with others, only at all.</summary>
    public static TimeSpan Within(TimeSpan deadline) => IsLong ? deadline : TimeSpan.FromMinutes(5);

    public static int Of(int inEveryBuild, int withFaults) => IsLong ? withFaults : inEveryBuild;
}
