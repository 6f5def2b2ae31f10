using TasksBus.Tracking;

namespace TasksBus.Tests.Tracking;

public abstract partial class SagaStoreConformance
{
    private static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Hidden = TimeSpan.FromDays(10);

    [Fact]
    public async Task Nothing_is_due_at_first()
    {
        Assert.Equal(new DueSagas([], null), await Take(Noon), SameDueSagas);
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

        var due = await Take(Noon);

        Assert.Equal([early, late], due.Sagas.Select(saga => saga.Id));
        Assert.Equal(("late", "value"), (Text(due.Sagas[1].Document), Text(due.Sagas[1].Fields["field"])));
        Assert.Equal(Noon.AddMilliseconds(1), due.NextAt);
    }

    [Fact]
    public async Task Due_documents_beyond_the_limit_are_next()
    {
        var ids = Enumerable.Range(0, 5).Select(_ => Guid.NewGuid()).ToList();
        await Saved([.. ids.Select((id, i) => Write(id) with { DueAt = Noon.AddSeconds(i) })]);

        var taken = await TakeAll(Noon.AddHours(1), limit: 1);

        Assert.Equal(ids.Order(), taken.Order());
    }

    [Fact]
    public async Task A_due_document_is_taken_by_one_alone_until_it_is_not_hidden_any_more()
    {
        await Saved(Write(_id, document: "due") with { DueAt = Noon });

        var first = await Take(Noon);
        var second = await Take(Noon);
        var third = await Take(Noon + Hidden);

        Assert.Equal((_id, "due", 1), (Assert.Single(first.Sagas).Id, Text(first.Sagas[0].Document), first.Sagas[0].Version));
        Assert.Equal(new DueSagas([], Noon + Hidden), second, SameDueSagas);
        Assert.Equal(_id, Assert.Single(third.Sagas).Id);
    }

    [Fact]
    public async Task Many_who_take_at_once_get_each_document_once()
    {
        var ids = Enumerable.Range(0, 200).Select(_ => Guid.NewGuid()).ToList();
        await Saved([.. ids.Select(id => Write(id) with { DueAt = Noon })]);

        var taken = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => Task.Run(() => Take(Noon).AsTask())));

        Assert.Equal(ids.Order(), taken.SelectMany(batch => batch.Sagas).Select(saga => saga.Id).Order());
    }

    [Fact]
    public async Task A_write_says_when_a_taken_document_is_due()
    {
        await Saved(Write(_id) with { DueAt = Noon });

        await Take(Noon);
        await Saved(Write(_id, 1) with { DueAt = Noon });
        var again = await Take(Noon);
        await Saved(Write(_id, 2) with { DueAt = Noon.AddHours(1) });
        var later = await Take(Noon);
        await Saved(Write(_id, 3));
        var never = await Take(Noon + Hidden);

        Assert.Equal(_id, Assert.Single(again.Sagas).Id);
        Assert.Equal(new DueSagas([], Noon.AddHours(1)), later, SameDueSagas);
        Assert.Equal(new DueSagas([], null), never, SameDueSagas);
    }

    [Fact]
    public async Task A_document_that_was_taken_can_be_removed()
    {
        await Saved(Write(_id) with { DueAt = Noon });

        await Take(Noon);
        var isRemoved = await Store.Remove(_id, expectedVersion: 1);

        Assert.True(isRemoved);
        Assert.Equal(new DueSagas([], null), await Take(Noon + Hidden), SameDueSagas);
    }

    [Fact]
    public async Task Large_documents_are_taken_a_few_at_a_time_and_all_in_the_end()
    {
        var ids = Enumerable.Range(0, 5).Select(_ => Guid.NewGuid()).ToList();
        await Saved([.. ids.Select((id, i) => Write(id, document: new string('x', 600_000)) with { DueAt = Noon.AddMinutes(i) })]);

        var taken = await TakeAll(Noon.AddHours(1), limit: 10);

        Assert.Equal(ids.Order(), taken.Order());
    }

    [Fact]
    public async Task A_document_cannot_be_hidden_for_no_time()
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Store.TakeDue(Noon, TimeSpan.Zero, 10));
    }

    [Fact]
    public async Task Nothing_is_due_a_fraction_before_its_time()
    {
        await Saved(Write(_id) with { DueAt = Noon.AddTicks(1) });

        Assert.Empty((await Take(Noon)).Sagas);
        Assert.Single((await Take(Noon.AddMilliseconds(1))).Sagas);
    }

    [Fact]
    public async Task Expired_documents_do_not_hide_due_ones()
    {
        var expiring = Enumerable.Range(0, 5).Select(_ => Guid.NewGuid()).ToList();
        await Saved([.. expiring.Select(id => Write(id) with { DueAt = Noon.AddSeconds(-1), Lifetime = Short }), Write(_id) with { DueAt = Noon }]);

        Pass(Short);

        await Eventually(async () => (await Task.WhenAll(expiring.Select(id => Store.Load(id).AsTask()))).All(saga => saga is null));
        Assert.Equal(_id, Assert.Single((await Take(Noon, limit: 2)).Sagas).Id);
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

    /// <summary>Takes until nothing more is due; each time there must be something.</summary>
    private async Task<List<Guid>> TakeAll(DateTimeOffset now, int limit)
    {
        var taken = new List<Guid>();
        DueSagas due;
        do
        {
            due = await Take(now, limit);
            Assert.NotEmpty(due.Sagas);
            taken.AddRange(due.Sagas.Select(saga => saga.Id));
        }
        while (due.NextAt <= now);
        return taken;
    }

    private ValueTask<DueSagas> Take(DateTimeOffset now, int limit = 10) => Store.TakeDue(now, Hidden, limit);
}
