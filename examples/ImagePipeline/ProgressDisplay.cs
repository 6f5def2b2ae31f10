using Spectre.Console;

using TasksBus;

namespace ImagePipeline;

/// <summary>A bar for the whole workflow, and one for each of its runs; where there is no terminal, a line for each step that ends.</summary>
internal static class ProgressDisplay
{
    /// <summary>Shows a workflow until it is over.</summary>
    public static Task Show(WorkflowHandle run, CancellationToken cancellationToken)
    {
        var isTerminal = !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities is { Interactive: true, Ansi: true };
        return isTerminal ? ShowBars(run, cancellationToken) : ShowLines(run, cancellationToken);
    }

    private static Task ShowBars(WorkflowHandle run, CancellationToken cancellationToken) =>
        AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn())
            .StartAsync(async progress =>
            {
                var whole = progress.AddTask("all");
                var steps = new Dictionary<string, Task>(StringComparer.Ordinal);
                await foreach (var now in run.Watch(cancellationToken))
                {
                    (whole.MaxValue, whole.Value) = (now.Total, now.Done);
                    foreach (var step in now.Steps)
                    {
                        if (step.RunId is not null && !steps.ContainsKey(step.Name))
                            steps[step.Name] = Follow(run, step.Name, progress.AddTask(step.Name), cancellationToken);
                    }
                }

                await Task.WhenAll(steps.Values);
            });

    private static async Task Follow(WorkflowHandle workflow, string step, ProgressTask bar, CancellationToken cancellationToken)
    {
        await foreach (var run in (await workflow.Step(step, cancellationToken)).Watch(cancellationToken))
            bar.Value = run.State == TaskState.Succeeded ? bar.MaxValue : (run.Progress?.Fraction ?? 0) * bar.MaxValue;
    }

    private static async Task ShowLines(WorkflowHandle run, CancellationToken cancellationToken)
    {
        var shown = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var now in run.Watch(cancellationToken))
        {
            foreach (var step in now.Steps.Where(step => step.State.IsFinal() && shown.Add(step.Name)))
                Console.WriteLine($"{shown.Count}/{now.Total} {step.Name}: {step.State}");
        }
    }
}
