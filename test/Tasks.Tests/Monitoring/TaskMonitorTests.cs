using TasksBus.Client;
using TasksBus.InMemory;
using TasksBus.Monitoring;
using TasksBus.Tracking;
using TasksBus.Workers;

namespace TasksBus.Tests.Monitoring;

/// <summary>What a listing makes of its query.</summary>
public sealed class TaskMonitorTests
{
    private static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly SagaDocuments<TaskSaga> _documents = new(new InMemorySagaStore(TimeProvider.System), new TaskSagaMapping());
    private readonly WorkerRegistry _workers = new(new SagaDocuments<WorkerSaga>(new InMemorySagaStore(TimeProvider.System), new WorkerMapping()), TimeProvider.System);

    [Fact]
    public async Task Instants_within_one_millisecond_are_told_apart()
    {
        var early = await Add(Noon.AddMicroseconds(100));
        var late = await Add(Noon.AddMicroseconds(900));

        var before = await List(new TaskQuery { SubmittedBefore = Noon.AddMicroseconds(500) });
        var from = await List(new TaskQuery { SubmittedFrom = Noon.AddMicroseconds(500) });

        Assert.Equal([early], before);
        Assert.Equal([late], from);
    }

    [Fact]
    public async Task The_first_instant_belongs_to_the_listing_and_the_last_does_not()
    {
        var first = await Add(Noon);
        await Add(Noon.AddMinutes(1));

        var listed = await List(new TaskQuery { SubmittedFrom = Noon, SubmittedBefore = Noon.AddMinutes(1) });

        Assert.Equal([first], listed);
    }

    [Fact]
    public async Task A_run_that_changes_its_state_between_two_pages_comes_once()
    {
        var older = await Add(Noon);
        var newer = await Add(Noon.AddMinutes(1));
        var monitor = new TaskMonitor(_documents, _workers);
        var first = await monitor.List(new TaskQuery { PageSize = 1 });

        await Move(newer, TaskState.Running);
        await Move(older, TaskState.Running);
        var second = await monitor.List(new TaskQuery { PageSize = 1, Cursor = first.NextCursor });

        Assert.Equal((newer, older), (Assert.Single(first.Runs).RunId, Assert.Single(second.Runs).RunId));
    }

    [Fact]
    public async Task Runs_of_one_instant_are_told_apart_from_page_to_page()
    {
        var ids = new List<Guid>();
        for (var number = 0; number < 7; number++)
            ids.Add(await Add(Noon));
        var monitor = new TaskMonitor(_documents, _workers);

        var pages = new List<TaskPage>();
        do
            pages.Add(await monitor.List(new TaskQuery { PageSize = 2, Cursor = pages.LastOrDefault()?.NextCursor }));
        while (pages[^1].NextCursor is not null);

        Assert.Equal(ids.Order(), pages.SelectMany(page => page.Runs).Select(run => run.RunId).Order());
    }

    private async Task<Guid> Add(DateTimeOffset submittedAt)
    {
        var message = new RunMessage { RunId = Guid.NewGuid(), TaskName = "Acme.Resize", SubmittedAt = submittedAt };
        await _documents.Save(new SagaDocument<TaskSaga>(NewRun.From(message, new TaskOptions { Name = "Acme.Resize" }, "tasks", submittedAt), version: 0));
        return message.RunId;
    }

    private async Task Move(Guid id, TaskState state)
    {
        var run = (await _documents.Load(id))!;
        run.Saga.CurrentState = state.ToString();
        await _documents.Save(run);
    }

    private async Task<IEnumerable<Guid>> List(TaskQuery query) => (await new TaskMonitor(_documents, _workers).List(query)).Runs.Select(run => run.RunId);
}
