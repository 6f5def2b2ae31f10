using System.Runtime.CompilerServices;

using Microsoft.Extensions.DependencyInjection;

namespace TasksBus.Tests.Examples;

/// <summary>The code of the README about operating; it stands below as it stands there.</summary>
public sealed class ReadmeOperatingTests
{
    [Fact]
    public async Task Runs_queues_and_limits_are_steered_as_it_says()
    {
        var isMended = false;
        await using var app = await TaskQueueFixture.Start(queue => queue.AddTask(
            (Resize _) => isMended ? Task.CompletedTask : throw new FileNotFoundException("No such picture."),
            task => (task.Name, task.Queue, task.Retry.MaxAttempts) = ("Acme.Images.Resize", "images", 1)));
        var (control, queues, limits) = (app.Services.GetRequiredService<ITaskControl>(), app.Services.GetRequiredService<ITaskQueues>(), app.Services.GetRequiredService<ITaskLimits>());
        var run = await app.Client.Run(new Resize());
        await run.Completion(TaskQueueFixture.Patience);
        isMended = true;

        foreach (FailureGroup failed in await control.Failures())                       // by task, kind and type of error
            Console.WriteLine($"{failed.Count} {failed.TaskName}: {failed.ErrorType}, as in run {failed.Latest.RunId}");

        await queues.Pause("images");                                                   // on all workers; what is submitted waits
        await limits.Set(LimitTarget.Task("Acme.Images.Resize"), new LimitOptions { Rate = "100/s" });
        int again = await control.Replay(new TaskQuery { TaskName = "Acme.Images.Resize" }, perSecond: 50);
        IReadOnlyList<RevokeAnswer> answers = await control.Revoke(new TaskQuery { Queue = "images" }, "Wrong pictures.");
        await queues.Resume("images");

        Assert.Equal(1, again);
        Assert.Equal(RevokeResult.Revoked, Assert.Single(answers).Result);
        Assert.Equal("Wrong pictures.", (await run.Completion(TaskQueueFixture.Patience)).RevokeReason);
        Assert.Equal(TimeSpan.FromMilliseconds(10), Assert.Single(await limits.List(), limit => limit.IsSet).Interval);
    }

    [Fact]
    public void Its_code_is_the_code_above()
    {
        var above = File.ReadAllLines(ThisFile()).Select(line => line.Trim()).ToHashSet(StringComparer.Ordinal);
        var block = Assert.Single(Repository.ReadmeBlocks("csharp"), code => code.Contains("control.Failures(", StringComparison.Ordinal));

        Assert.All(block.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries), line => Assert.Contains(line, above));
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;

    public sealed record Resize : ITask;
}
