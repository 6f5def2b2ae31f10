using Microsoft.Extensions.Time.Testing;
using TasksBus.InMemory;
using TasksBus.Tracking;

namespace TasksBus.Tests.Tracking;

public sealed class InMemorySagaStoreTests : SagaStoreConformance
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(60));

    protected override TimeProvider Time => _time;

    public override Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task A_document_that_is_due_after_another_is_not_announced()
    {
        var calls = 0;
        await using var watch = await Store.WatchDue(() => calls++);

        await Store.Save(new SagaWrite { Id = Guid.NewGuid(), ExpectedVersion = 0, Document = default, DueAt = _time.GetUtcNow() });
        await Store.Save(new SagaWrite { Id = Guid.NewGuid(), ExpectedVersion = 0, Document = default, DueAt = _time.GetUtcNow().AddHours(1) });

        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task A_watcher_may_write_the_document_that_it_watches()
    {
        var id = Guid.NewGuid();
        var versions = new List<int>();
        var writes = new List<Task>();
        await using var watch = await Store.Watch(id, signal =>
        {
            versions.Add(signal.Version);
            if (signal.Version < 3)
                writes.Add(Store.Save(new SagaWrite { Id = id, ExpectedVersion = signal.Version, Document = default }).AsTask());
        });

        await Store.Save(new SagaWrite { Id = id, ExpectedVersion = 0, Document = default });

        await Task.WhenAll(writes);
        Assert.Equal([1, 2, 3], versions);
    }

    protected override Task<ISagaStore> Start() => Task.FromResult<ISagaStore>(new InMemorySagaStore(_time));

    protected override void Pass(TimeSpan time) => _time.Advance(time);
}
