using TasksBus.Tracking;

namespace TasksBus.Tests.Tracking;

public abstract partial class SagaStoreConformance
{
    [Fact]
    public async Task A_document_is_listed_where_its_latest_write_says_and_nowhere_else()
    {
        await Saved(Write(_id) with { Indexes = ["all", "pending"] });

        await Saved(Write(_id, 1) with { Indexes = ["running", "all"] });

        Assert.Equal("1,0,1", await Counts("all", "pending", "running"));
        Assert.Equal(_id, Assert.Single((await Store.List(Everything("all"))).Sagas).Id);
        Assert.Equal(_id, Assert.Single((await Store.List(Everything("running"))).Sagas).Id);
        Assert.Empty((await Store.List(Everything("pending"))).Sagas);
    }

    [Fact]
    public async Task A_refused_write_moves_nothing()
    {
        await Saved(Write(_id) with { Indexes = ["pending"] });

        await Store.Save(Write(_id, 5) with { Indexes = ["running"] });

        Assert.Equal("1,0", await Counts("pending", "running"));
    }

    [Fact]
    public async Task An_index_that_nobody_wrote_is_empty()
    {
        Assert.Equal(0, await Store.Count("unknown"));
        Assert.Equal((0, null), Contents(await Store.List(Everything("unknown"))));

        static (int, SagaPlace?) Contents(SagaPage page) => (page.Sagas.Count, page.Next);
    }

    [Fact]
    public async Task Documents_are_listed_whole()
    {
        await Saved(Write(_id, document: "document") with { Indexes = ["all"], Fields = [Field("field", "value")], Lease = TimeSpan.FromMinutes(1) });

        var listed = Assert.Single((await Store.List(Everything("all"))).Sagas);

        Assert.Equal((1, "document", "value"), (listed.Version, Text(listed.Document), Text(listed.Fields["field"])));
        Assert.NotNull(listed.LeaseLeft);
    }

    [Fact]
    public async Task The_highest_score_is_listed_first()
    {
        long[] scores = [3, -5, 1_700_000_000_000, 0, 10];
        await Saved([.. scores.Select(score => Write(Guid.NewGuid(), document: $"{score}") with { Indexes = ["all"], Score = score })]);

        var page = await Store.List(Everything("all"));

        Assert.Equal(["1700000000000", "10", "3", "0", "-5"], page.Sagas.Select(saga => Text(saga.Document)));
    }

    [Fact]
    public async Task A_changed_score_moves_the_document_in_all_its_indexes()
    {
        var other = Guid.NewGuid();
        await Saved(Write(_id) with { Indexes = ["a", "b"], Score = 1 }, Write(other) with { Indexes = ["a", "b"], Score = 2 });

        await Saved(Write(_id, 1) with { Indexes = ["a", "b"], Score = 3 });

        Assert.Equal([_id, other], (await Store.List(Everything("a"))).Sagas.Select(saga => saga.Id));
        Assert.Equal([_id, other], (await Store.List(Everything("b"))).Sagas.Select(saga => saga.Id));
    }

    [Fact]
    public async Task Only_scores_from_the_lowest_to_the_highest_are_listed()
    {
        await Saved([.. Enumerable.Range(1, 9).Select(score => Write(Guid.NewGuid(), document: $"{score}") with { Indexes = ["all"], Score = score })]);

        var page = await Store.List(new SagaQuery("all", MinScore: 3, MaxScore: 6, After: null, Limit: 100));

        Assert.Equal(["6", "5", "4", "3"], page.Sagas.Select(saga => Text(saga.Document)));
        Assert.Null(page.Next);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(50)]
    [InlineData(51)]
    public async Task Pages_hold_each_document_once_in_order_of_score_and_id(int limit)
    {
        // Many documents of one score, so that pages end among them, between others.
        var places = Enumerable.Range(0, 50).Select(i => (Score: i is < 5 or > 45 ? i : 20L, Id: Guid.NewGuid())).ToList();
        await Saved([.. places.Select(place => Write(place.Id) with { Indexes = ["all"], Score = place.Score })]);

        var listed = new List<Guid>();
        var after = (SagaPlace?)null;
        do
        {
            var page = await Store.List(new SagaQuery("all", long.MinValue, long.MaxValue, after, limit));
            Assert.InRange(page.Sagas.Count, 1, limit);
            listed.AddRange(page.Sagas.Select(saga => saga.Id));
            after = page.Next;
        }
        while (after is not null);

        var inOrder = places.OrderByDescending(place => place.Score).ThenByDescending(place => place.Id.ToString("N"), StringComparer.Ordinal);
        Assert.Equal(inOrder.Select(place => place.Id), listed);
    }

    [Fact]
    public async Task A_page_goes_on_after_a_place_whose_document_has_left()
    {
        var ids = Enumerable.Range(0, 6).Select(_ => Guid.NewGuid()).OrderDescending().ToList();
        await Saved([.. ids.Select(id => Write(id) with { Indexes = ["all"] })]);
        var first = await Store.List(new SagaQuery("all", 0, 0, null, 3));
        await Store.Remove(ids[2], 1);

        var second = await Store.List(new SagaQuery("all", 0, 0, first.Next, 3));

        Assert.Equal(ids[3..], second.Sagas.Select(saga => saga.Id));
        Assert.Null(second.Next);
    }

    private async Task<string> Counts(params string[] indexes) =>
        string.Join(',', await Task.WhenAll(indexes.Select(index => Store.Count(index).AsTask())));

    private static SagaQuery Everything(string index) => new(index, long.MinValue, long.MaxValue, null, 1000);
}
