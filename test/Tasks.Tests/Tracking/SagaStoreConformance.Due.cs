using TasksBus.Tracking;

namespace TasksBus.Tests.Tracking;

public abstract partial class SagaStoreConformance
{
    private static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Nothing_is_due_at_first()
    {
        Assert.Equal(new DueSagas([], null), await Store.ListDue(Noon, 10), SameDueSagas);
    }

    [Fact]
    public async Task Documents_are_due_from_their_time_on_earliest_first()
    {
        var (early, late, later) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await Saved(
            Write(late, document: "late") with { DueAt = Noon, Fields = [Field("field", "value")] },
            Write(later) with { DueAt = Noon.AddMilliseconds(1) },
            Write(early) with { DueAt = Noon.AddHours(-1) },
            Write(_id));

        var due = await Store.ListDue(Noon, 10);

        Assert.Equal([early, late], due.Sagas.Select(saga => saga.Id));
        Assert.Equal(("late", "value"), (Text(due.Sagas[1].Document), Text(due.Sagas[1].Fields["field"])));
        Assert.Equal(Noon.AddMilliseconds(1), due.NextAt);
    }

    [Fact]
    public async Task Due_documents_beyond_the_limit_are_next()
    {
        var ids = Enumerable.Range(0, 5).Select(_ => Guid.NewGuid()).ToList();
        await Saved([.. ids.Select((id, i) => Write(id) with { DueAt = Noon.AddSeconds(i) })]);

        var due = await Store.ListDue(Noon.AddHours(1), 3);

        Assert.Equal(ids[..3], due.Sagas.Select(saga => saga.Id));
        Assert.Equal(Noon.AddSeconds(3), due.NextAt);
    }

    [Fact]
    public async Task A_due_document_stays_until_a_write_says_otherwise()
    {
        await Saved(Write(_id) with { DueAt = Noon });

        Assert.Equal(_id, Assert.Single((await Store.ListDue(Noon, 10)).Sagas).Id);
        Assert.Equal(_id, Assert.Single((await Store.ListDue(Noon, 10)).Sagas).Id);
        await Saved(Write(_id, 1) with { DueAt = Noon.AddHours(1) });
        Assert.Equal(new DueSagas([], Noon.AddHours(1)), await Store.ListDue(Noon, 10), SameDueSagas);
        await Saved(Write(_id, 2));
        Assert.Equal(new DueSagas([], null), await Store.ListDue(Noon.AddDays(1), 10), SameDueSagas);
    }

    [Fact]
    public async Task Nothing_is_due_a_fraction_before_its_time()
    {
        await Saved(Write(_id) with { DueAt = Noon.AddTicks(1) });

        Assert.Empty((await Store.ListDue(Noon, 10)).Sagas);
        Assert.Single((await Store.ListDue(Noon.AddMilliseconds(1), 10)).Sagas);
    }

    [Fact]
    public async Task Expired_documents_do_not_hide_due_ones()
    {
        var expiring = Enumerable.Range(0, 5).Select(_ => Guid.NewGuid()).ToList();
        await Saved([.. expiring.Select(id => Write(id) with { DueAt = Noon.AddSeconds(-1), Lifetime = Short }), Write(_id) with { DueAt = Noon }]);

        Pass(Short);

        await Eventually(async () => (await Store.ListDue(Noon, 2)).Sagas.Select(saga => saga.Id).SequenceEqual([_id]));
    }

    [Fact]
    public async Task A_document_that_becomes_the_earliest_due_one_is_announced()
    {
        using var calls = new SemaphoreSlim(0);
        await using var watch = await Store.WatchDue(() => calls.Release());

        await Saved(Write(_id) with { DueAt = Noon });
        Assert.True(await calls.WaitAsync(Deadline));

        await Saved(Write(_id, 1) with { DueAt = Noon.AddHours(-1) });
        Assert.True(await calls.WaitAsync(Deadline));
    }

    [Fact]
    public async Task A_write_that_does_not_change_the_due_time_announces_nothing()
    {
        await Saved(Write(_id) with { DueAt = Noon });
        using var calls = new SemaphoreSlim(0);
        await using var watch = await Store.WatchDue(() => calls.Release());

        await Saved(Write(_id, 1) with { DueAt = Noon }, Write(Guid.NewGuid()), Write(_id, 2) with { DueAt = Noon.AddHours(-1) });

        Assert.True(await calls.WaitAsync(Deadline));
        Assert.Equal(0, calls.CurrentCount);
    }
}
