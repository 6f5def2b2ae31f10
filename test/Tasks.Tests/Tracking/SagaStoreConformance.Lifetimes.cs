using TasksBus.Tracking;

namespace TasksBus.Tests.Tracking;

public abstract partial class SagaStoreConformance
{
    [Fact]
    public async Task A_document_is_gone_at_the_end_of_its_lifetime()
    {
        await Saved(Write(_id) with { FencingToken = 7, Indexes = ["all"], Lifetime = Short });

        Pass(Short);

        await Eventually(async () => await Store.Load(_id) is null);
        Assert.Empty((await Store.List(Everything("all"))).Sagas);
        Assert.False(await Store.WriteField(_id, "field", Bytes("late"), 7));
        Assert.False(await Store.Remove(_id, 1));
        Assert.False((await Store.Save(Write(_id, 1))).Saved);
    }

    [Fact]
    public async Task What_an_expired_document_left_in_indexes_is_removed_once()
    {
        await Saved(Write(_id) with { Indexes = ["all"], DueAt = Noon, Lifetime = Short }, Write(Guid.NewGuid()) with { Indexes = ["all"] });
        Pass(Short);
        await Eventually(async () => await Store.Load(_id) is null);

        var removed = await Store.RemoveExpired(Time.GetUtcNow(), 10);

        Assert.Equal(1, removed);
        Assert.Equal(1, await Store.Count("all"));
        Assert.Null((await Take(Noon)).NextAt);
        Assert.Equal(0, await Store.RemoveExpired(Time.GetUtcNow(), 10));
    }

    [Fact]
    public async Task No_more_expired_documents_are_removed_than_asked_for()
    {
        var ids = Enumerable.Range(0, 5).Select(_ => Guid.NewGuid()).ToList();
        await Saved([.. ids.Select(id => Write(id) with { Indexes = ["all"], Lifetime = Short })]);
        Pass(Short);
        await Eventually(async () => await Store.Load(ids[^1]) is null);

        Assert.Equal(3, await Store.RemoveExpired(Time.GetUtcNow(), 3));
        Assert.Equal(2, await Store.Count("all"));
        Assert.Equal(2, await Store.RemoveExpired(Time.GetUtcNow(), 3));
        Assert.Equal(0, await Store.Count("all"));
    }

    [Fact]
    public async Task A_document_is_not_removed_before_its_time_by_whoever_is_ahead_of_the_store()
    {
        await Saved(Write(_id) with { Indexes = ["all"], Lifetime = TimeSpan.FromHours(1) });

        Assert.Equal(0, await Store.RemoveExpired(Time.GetUtcNow().AddHours(2), 10));

        Assert.Equal(_id, Assert.Single((await Store.List(Everything("all"))).Sagas).Id);
    }

    [Fact]
    public async Task A_write_without_a_lifetime_keeps_the_document_for_good()
    {
        var other = Guid.NewGuid();
        await Saved(Write(_id) with { Indexes = ["all"], Lifetime = Short }, Write(_id, 1) with { Indexes = ["all"] }, Write(other) with { Lifetime = Short });

        Pass(Short);

        await Eventually(async () => await Store.Load(other) is null);
        Assert.Equal(1, await Store.RemoveExpired(Time.GetUtcNow(), 10));
        Assert.Equal(_id, Assert.Single((await Store.List(Everything("all"))).Sagas).Id);
    }

    [Fact]
    public async Task A_document_written_again_after_it_expired_keeps_its_new_places()
    {
        await Saved(Write(_id) with { Indexes = ["all", "old"], DueAt = Noon, Fields = [Field("field", "old")], Lifetime = Short });
        Pass(Short);
        await Eventually(async () => await Store.Load(_id) is null);

        await Saved(Write(_id) with { Indexes = ["all", "new"] });
        Assert.Empty((await Store.List(Everything("old"))).Sagas);
        await Store.RemoveExpired(Time.GetUtcNow(), 10);

        Assert.Equal("1,1,0", await Counts("all", "new", "old"));
        Assert.Empty((await Loaded(_id)).Fields);
        Assert.Equal(new DueSagas([], null), await Take(Noon), SameDueSagas);
    }

    [Fact]
    public async Task Expired_documents_are_made_up_for_in_a_page()
    {
        await Saved([.. Enumerable.Range(1, 20).Select(score => Write(Guid.NewGuid(), document: $"{score}") with
        {
            Indexes = ["all"],
            Score = score,
            Lifetime = score % 4 == 0 ? null : Short,
        })]);
        Pass(Short);

        await Eventually(async () => (await Store.List(Everything("all"))).Sagas.Count == 5);
        var page = await Store.List(new SagaQuery("all", 0, 100, null, 3));

        Assert.Equal(["20", "16", "12"], page.Sagas.Select(saga => Text(saga.Document)));
        Assert.Equal(12, page.Next?.Score);
    }
}
