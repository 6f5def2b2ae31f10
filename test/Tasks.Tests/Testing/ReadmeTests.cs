using System.Runtime.CompilerServices;

using Microsoft.Extensions.DependencyInjection;

using TasksBus.Testing;

namespace TasksBus.Tests.Testing;

public class ReadmeTests
{
    [Fact]
    public async Task A_reminder_is_sent_after_a_day_and_again_when_the_mail_server_was_down()
    {
        var mails = new Mailbox { IsDown = true };
        await using var services = new ServiceCollection()
            .AddSingleton(mails)
            .AddTaskQueue(queue => queue.AddTask<RemindHandler>(task => task.Retry.Jitter = false))
            .AddTaskQueueTestHarness()
            .BuildServiceProvider();
        var harness = services.GetRequiredService<ITaskQueueTestHarness>();
        await harness.Start();

        var run = await harness.Client.Run(new Remind("ada@example.com"), new RunOptions { Delay = TimeSpan.FromDays(1) });
        await harness.Advance(TimeSpan.FromDays(1));
        var retrying = await harness.WaitFor(run.RunId, TaskState.Retrying);
        mails.IsDown = false;
        await harness.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(harness.Clock.GetUtcNow(), retrying.NextAttemptAt);
        Assert.Equal("ada@example.com", await harness.Result<string>(run.RunId));
        Assert.Equal("ada@example.com", Assert.Single(harness.Submitted.Of<Remind>()).Arguments.Address);
        Assert.Equal([new TaskProgress(1, 2, "connecting"), new TaskProgress(1, 2, "connecting"), new TaskProgress(2, 2, "sent")], harness.Progress(run.RunId));
    }

    [Fact]
    public async Task The_example_of_the_README_is_the_test_above()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(FolderOfThisFile(), "../../../src/Tasks.Testing/README.md"));
        var example = readme.Split("```")[1]["csharp".Length..].Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

        var source = await File.ReadAllLinesAsync(Path.Combine(FolderOfThisFile(), $"{nameof(ReadmeTests)}.cs"));

        Assert.Equal(example, source.Select(line => line.Trim()).Where(line => line.Length > 0).SkipWhile(line => line != "[Fact]").Take(example.Length));
    }

    private static string FolderOfThisFile([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;

    public record Remind(string Address) : ITask<string>;

    public class Mailbox
    {
        public bool IsDown { get; set; }
    }

    public class RemindHandler(Mailbox mails) : ITaskHandler<Remind, string>
    {
        public async Task<string> Run(Remind task, TaskContext context)
        {
            await context.ReportProgress(1, 2, "connecting");
            if (mails.IsDown)
                throw new IOException("The mail server is down.");
            await context.ReportProgress(2, 2, "sent");
            return task.Address;
        }
    }
}
