using Spectre.Console;

using TasksBus;

namespace QuickStart;

/// <summary>Shows how far a run is: with a live bar in a terminal, else with one line for each change.</summary>
internal static class ProgressDisplay
{
    /// <summary>Shows a run until it is over.</summary>
    public static Task Show(IAsyncEnumerable<TaskSnapshot> run)
    {
        var isTerminal = !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities is { Interactive: true, Ansi: true };
        return isTerminal ? ShowBar(run) : ShowLines(run);
    }

    private static Task ShowBar(IAsyncEnumerable<TaskSnapshot> run) =>
        AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async progress =>
            {
                var bar = progress.AddTask(nameof(TaskState.Pending));
                await foreach (var snapshot in run)
                {
                    bar.Description = snapshot.State.ToString();
                    bar.Value = (snapshot.Progress?.Fraction ?? 0) * bar.MaxValue;
                }
            });

    private static async Task ShowLines(IAsyncEnumerable<TaskSnapshot> run)
    {
        var last = "";
        await foreach (var snapshot in run)
        {
            var line = snapshot.Progress is { Fraction: { } fraction } && !snapshot.IsFinal ? $"{snapshot.State} {fraction:0%}" : $"{snapshot.State}";
            if (line != last)
                Console.WriteLine(line);
            last = line;
        }
    }
}
