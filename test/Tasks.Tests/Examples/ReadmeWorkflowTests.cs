using System.Text.Json;

using TasksBus.Workflows;

namespace TasksBus.Tests.Examples;

/// <summary>The workflows of the README; they stand below as they stand there.</summary>
public sealed class ReadmeWorkflowTests
{
    [Fact]
    public void Its_workflows_can_be_composed()
    {
        Workflow<int> words = Workflow
            .Chain(new Fetch("https://example.org"))
            .Then(page => new Extract(page.Text, "en"))                     // one after the other
            .Then(text => new CountWords(text), call => call with { Options = new RunOptions { Queue = "texts" } });

        Workflow<int> sum = Workflow
            .Group(new CountWords("a b"), new CountWords("c"))              // side by side: a list, in order, also of one or none
            .Then(counts => new Sum(counts));                               // once, when all have ended; Workflow.Chord is the same

        Workflow<string> summary = Workflow.Graph(                          // neither chain nor group: steps by name, in any order
            Workflow.Step("left", new Fetch("https://example.org/left")),
            Workflow.Step("right", new Fetch("https://example.org/right")),
            Workflow.Step("joined", (Page left, Page right) => new Join(left.Text, right.Text)),
            Workflow.Step("audit", new Audit("both were read"), after: ["left", "right"])).Returns<string>("joined");

        Assert.Equal(["Fetch", "Extract", "CountWords"], Steps(words));
        Assert.Equal(["CountWords-1", "CountWords-2", "group", "Sum"], Steps(sum));
        Assert.Equal(["left", "right", "joined", "audit", "graph"], Steps(summary));
    }

    [Fact]
    public void Its_booking_can_be_composed_and_lie_in_a_database()
    {
        var booking = Workflow
            .Chain(new BookFlight("Oslo").ToCall().CompensatedBy(flight => new CancelFlight(flight.Number)))
            .Then(Workflow.WaitForSignal<Approval>("approved", timeout: TimeSpan.FromDays(2)))
            .Then(approval => new Confirm(approval.By))
            .OnFailure(failure => new Alert(failure.Step, failure.Error));

        string json = JsonSerializer.Serialize(booking);
        Workflow read = JsonSerializer.Deserialize<Workflow>(json)!;

        Assert.Equal(["BookFlight", "approved", "Confirm", "Alert"], Steps(read));
    }

    [Fact]
    public void They_stand_here_as_they_stand_there()
    {
        var here = Lines(File.ReadAllText(Path.Combine(Repository.Root, "test", "Tasks.Tests", "Examples", "ReadmeWorkflowTests.cs"))).ToList();
        var blocks = Repository.ReadmeBlocks("csharp").Where(block => block.Contains("Workflow", StringComparison.Ordinal) && block.Contains(".Chain(", StringComparison.Ordinal) && !block.Contains("AddSchedule", StringComparison.Ordinal)).ToList();

        Assert.Equal(2, blocks.Count);
        Assert.All(blocks.SelectMany(Lines), line => Assert.Contains(line, here));
    }

    private static IEnumerable<string> Lines(string text) => text.Split('\n').Select(line => line.Trim());

    private static IEnumerable<string> Steps(Workflow workflow) => WorkflowPlanner.Plan(workflow, Payload.DefaultOptions).Nodes.Skip(1).Select(node => node.Name);

    private sealed record Page(string Text);

    private sealed record Fetch(string Url) : ITask<Page>;

    private sealed record Extract(string Text, string Language) : ITask<string>;

    private sealed record CountWords(string Text) : ITask<int>;

    private sealed record Sum(IReadOnlyList<int> Numbers) : ITask<int>;

    private sealed record Join(string Left, string Right) : ITask<string>;

    private sealed record Audit(string Text) : ITask;

    private sealed record Flight(string Number);

    private sealed record BookFlight(string To) : ITask<Flight>;

    private sealed record CancelFlight(string Number) : ITask;

    private sealed record Approval(string By);

    private sealed record Confirm(string By) : ITask;

    private sealed record Alert(string Step, TaskError? Error) : ITask;
}
