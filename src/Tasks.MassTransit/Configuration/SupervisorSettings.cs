using System.Globalization;
using System.Numerics;

namespace TasksBus.Configuration;

/// <summary>What the supervisor of this process wants of it, from <see cref="WorkerVariables"/>.</summary>
internal static class SupervisorSettings
{
    private const long Mebibyte = 1_048_576;

    /// <summary>The process that looks after this one; null if none does.</summary>
    /// <exception cref="TaskQueueConfigurationException">The variable is no process id.</exception>
    public static int? Supervisor => Number(Environment.GetEnvironmentVariable, WorkerVariables.Supervisor, least: 1);

    /// <summary>Overrides options.</summary>
    /// <param name="options">To be changed.</param>
    /// <param name="read">Gives the value of an environment variable.</param>
    /// <exception cref="TaskQueueConfigurationException">A variable has a bad value.</exception>
    public static void Apply(TaskQueueOptions options, Func<string, string?> read)
    {
        options.RecycleAfterRuns = Number(read, WorkerVariables.RecycleAfterRuns, least: 1) ?? options.RecycleAfterRuns;
        options.RecycleAboveMemory = Number(read, WorkerVariables.RecycleAboveMemory, least: Mebibyte) ?? options.RecycleAboveMemory;
        options.RecycleWhenLeftBehind = Switch(read, WorkerVariables.RecycleWhenLeftBehind) ?? options.RecycleWhenLeftBehind;
    }

    private static T? Number<T>(Func<string, string?> read, string variable, T least)
        where T : struct, INumber<T>
    {
        if (read(variable) is not { Length: > 0 } text)
            return null;
        return T.TryParse(text, CultureInfo.InvariantCulture, out var number) && number >= least
            ? number
            : throw Wrong(variable, text, $"a whole number, {least} or more");
    }

    private static bool? Switch(Func<string, string?> read, string variable)
    {
        if (read(variable) is not { Length: > 0 } text)
            return null;
        return bool.TryParse(text, out var isOn) ? isOn : throw Wrong(variable, text, "true or false");
    }

    private static TaskQueueConfigurationException Wrong(string variable, string value, string rule) =>
        new($"The environment variable {variable} is '{value}'. Give {rule}, or do not set it.");
}
