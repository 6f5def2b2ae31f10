namespace TasksBus.Tests.Workflows;

/// <summary>Calls that are made when something has ended, and that nothing waits for.</summary>
public sealed class SideCallTests
{
    [Fact]
    public void A_lone_call_has_calls_for_its_success_and_for_its_failure()
    {
        var plan = new Fetch("a").ToCall().OnSuccess(page => new Notify(page.Text)).OnFailure(failure => new Alert(failure.Step, failure.Error)).Plan();

        Assert.Equal(["2 Notify Notify{} text=1.text after 1", "3 Alert Alert{} step=1.step error=1.error after 1 failed"], plan.Lines()[1..]);
        Assert.Equal(1, plan.Last);
    }

    [Fact]
    public void A_chain_has_one_call_for_its_failure_after_its_last_step_whichever_step_fails()
    {
        var workflow = Workflow.Chain(new Fetch("a")).Then(page => new Extract(page, "en")).OnFailure(failure => new Alert(failure.Step, failure.Error));

        Assert.Equal("3 Alert Alert{} step=2.step error=2.error after 2 failed", Assert.Single(workflow.Lines()[2..]));
    }

    [Fact]
    public void A_group_has_one_call_for_its_success_after_all_members()
    {
        var workflow = Workflow.Group(new Count("a"), new Count("b")).OnSuccess(counts => new Sum(counts));

        Assert.Equal("4 Sum Sum{} numbers=3 after 3", Assert.Single(workflow.Lines()[3..]));
    }

    [Fact]
    public void What_follows_does_not_wait_for_calls_beside_a_step()
    {
        var workflow = Workflow.Chain(Workflow.Chain(new Fetch("a")).OnSuccess(page => new Notify(page.Text))).Then(page => new Extract(page, "en"));

        Assert.Equal(["2 Notify Notify{} text=1.text after 1", """3 Extract Extract{"language":"en"} page=1 after 1"""], workflow.Lines()[1..]);
    }

    [Fact]
    public void Calls_beside_a_member_are_in_no_group_so_that_none_takes_them_back()
    {
        var workflow = Workflow.Group(new Count("a").ToCall().OnFailure(new Notify("a failed")), new Count("b").ToCall());

        Assert.Equal(["""2 Notify Notify{"text":"a failed"} after 1 failed""", """3 Count-2 Count{"text":"b","limit":0} after 0 in 4""", "4 group joins after 1,3"], workflow.Lines()[1..]);
    }

    [Fact]
    public void They_can_be_calls_that_were_made_elsewhere()
    {
        var call = TaskCall.Of("legacy.mail", new { to = "me" }) with { Options = new RunOptions { Queue = "mail" } };

        var plan = new Fetch("a").ToCall().OnSuccess(call).OnFailure(call with { Name = "sorry" }).Plan();

        Assert.Equal(["""2 mail mail{"to":"me"} after 1""", """3 sorry mail{"to":"me"} after 1 failed"""], plan.Lines()[1..]);
        Assert.Equal("mail", plan.Nodes[2].Call?.Options?.Queue);
    }

    [Fact]
    public void They_are_single_calls()
    {
        var chain = Workflow.Chain(new Fetch("a")).Then(page => new Notify(page.Text));

        var error = Assert.Throws<InvalidWorkflowException>(() => new Fetch("b").ToCall().OnFailure(chain));

        Assert.StartsWith($"OnFailure of '{TaskName.Of(typeof(Fetch))}' is given 'chain of 2', which is more than one call.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_call_is_taken_back_by_another_that_takes_its_result()
    {
        var workflow = Workflow.Chain(new Fetch("a").ToCall().CompensatedBy(page => new Notify(page.Text))).Then(page => new Count(page.Text, 1), call => call.CompensatedBy(new Notify("x")));

        Assert.Equal(
            ["""1 Fetch Fetch{"url":"a"} taken back by Notify{} text=1.text after 0""", """2 Count Count{"limit":1} text=1.text taken back by Notify{"text":"x"} after 1"""],
            workflow.Lines());
    }

    [Fact]
    public void A_call_without_a_result_is_taken_back_by_a_fixed_one()
    {
        var call = TaskCall.Of("legacy.undo", null) with { Options = new RunOptions { Priority = 9 } };

        var plan = TaskCall.Of(new Notify("a")).CompensatedBy(call).Plan();

        Assert.Equal("""1 Notify Notify{"text":"a"} taken back by undo{} after 0""", plan.Lines()[0]);
        Assert.Equal(9, plan.Nodes[1].Compensation?.Options?.Priority);
    }

    [Fact]
    public void What_takes_a_call_back_is_a_single_call()
    {
        var error = Assert.Throws<InvalidWorkflowException>(() => TaskCall.Of(new Notify("a")).CompensatedBy(Workflow.Group(new Count("a"))));

        Assert.Contains("is compensated by 'group of 1', which is more than one call.", error.Message, StringComparison.Ordinal);
    }
}
