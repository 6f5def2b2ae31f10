namespace TasksBus.Tests.Workflows;

/// <summary>Workflows as Mermaid draws them.</summary>
public sealed class WorkflowDiagramTests
{
    [Fact]
    public void A_workflow_is_drawn_before_it_is_sent()
    {
        var workflow = Workflow.Chain(new Fetch("a").ToCall().Named("page").CompensatedBy(page => new Notify(page.Text)))
            .ThenGroup(page => new Count(page.Text, 1), page => new Count(page.Author.Name, 2))
            .OnSuccess(counts => new Sum(counts))
            .OnFailure(failure => new Alert(failure.Step, failure.Error));

        Assert.Equal(
            """
            flowchart TD
                n1["page<br/>Fetch"]
                n2["Count-1"]
                n3["Count-2"]
                n4(["group"])
                n5["Sum"]
                n6["Alert"]
                n1 --> n2
                n1 --> n3
                n2 --> n4
                n3 --> n4
                n4 -. success .-> n5
                n4 -. failure .-> n6
                c1["Notify"]
                n1 -. taken back by .-> c1

            """,
            workflow.ToMermaid());
    }

    [Fact]
    public void A_snapshot_is_drawn_with_the_states_of_its_steps()
    {
        var snapshot = new WorkflowSnapshot
        {
            WorkflowId = Guid.Empty,
            State = WorkflowState.Running,
            Steps =
            [
                new StepSnapshot { Name = "start", State = TaskState.Succeeded },
                new StepSnapshot { Name = "Fetch", State = TaskState.Succeeded, TaskName = "Acme.Fetch", After = ["start"] },
                new StepSnapshot { Name = "a", State = TaskState.Running, TaskName = "Acme.Count", After = ["Fetch"] },
                new StepSnapshot { Name = "b", State = TaskState.Running, TaskName = "Acme.Count", After = ["Fetch"] },
                new StepSnapshot { Name = "group", State = TaskState.Pending, After = ["a", "b"] },
            ],
        };

        Assert.Equal(
            """
            flowchart TD
                n1["Fetch"]
                n2["a<br/>Count"]
                n3["b<br/>Count"]
                n4(["group"])
                n1 --> n2
                n1 --> n3
                n2 --> n4
                n3 --> n4
                classDef pending fill:#eee,stroke:#888,color:#000
                class n4 pending
                classDef running fill:#cdf,stroke:#06c,color:#000
                class n2,n3 running
                classDef succeeded fill:#cec,stroke:#090,color:#000
                class n1 succeeded

            """,
            snapshot.ToMermaid());
    }

    [Fact]
    public void What_Mermaid_might_read_as_something_else_is_written_by_its_number()
    {
        var workflow = new Notify("a").ToCall().Named("say \"hi\"; end [ü] #1 <b>");

        Assert.Equal("flowchart TD\n    n1[\"say #34;hi#34;#59; end #91;ü#93; #35;1 #60;b#62;<br/>Notify\"]\n", workflow.ToMermaid());
    }
}
