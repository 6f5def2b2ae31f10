namespace TasksBus.FaultTests;

/// <summary>How large a scenario is: short in every build, long with <c>build/test.sh --faults</c>.</summary>
internal static class Scale
{
    public static readonly bool IsLong = Environment.GetEnvironmentVariable("TASKSBUS_FAULTS") == "long";

    public static int Of(int inEveryBuild, int withFaults) => IsLong ? withFaults : inEveryBuild;
}
