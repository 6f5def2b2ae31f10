namespace TasksBus.Tests.Tracking;

public abstract partial class SagaStoreConformance
{
    [Fact]
    public async Task A_write_changes_the_fields_that_it_names_and_keeps_the_others()
    {
        await Saved(Write(_id) with { Fields = [Field("kept", "1"), Field("changed", "2"), Field("removed", "3")] });

        await Saved(Write(_id, 1) with { Fields = [Field("removed", null), Field("changed", "4"), Field("added", ""), Field("unknown", null)] });

        Assert.Equal(
            [("added", ""), ("changed", "4"), ("kept", "1")],
            (await Loaded(_id)).Fields.Select(field => (field.Key, Text(field.Value))).OrderBy(field => field.Key, StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_field_is_written_without_a_new_version()
    {
        await Saved(Write(_id, document: "document") with { FencingToken = 7 });

        Assert.True(await Store.WriteField(_id, "progress", Bytes("half"), 7));

        var stored = await Loaded(_id);
        Assert.Equal((1, "document", "half"), (stored.Version, Text(stored.Document), Text(stored.Fields["progress"])));
    }

    [Fact]
    public async Task Whoever_shows_an_older_fencing_token_can_neither_write_a_field_nor_renew_the_lease()
    {
        await Saved(
            Write(_id) with { FencingToken = long.MaxValue - 1, Lease = TimeSpan.FromMinutes(1) },
            Write(_id, 1) with { FencingToken = long.MaxValue, Fields = [Field("field", "new")] });

        Assert.False(await Store.WriteField(_id, "field", Bytes("stale"), long.MaxValue - 1));
        Assert.False(await Store.RenewLease(_id, long.MaxValue - 1, TimeSpan.FromMinutes(1)));

        var stored = await Loaded(_id);
        Assert.Equal("new", Text(stored.Fields["field"]));
        Assert.Null(stored.LeaseLeft);
    }

    [Fact]
    public async Task Nothing_is_written_beside_a_document_that_is_not_there()
    {
        await Saved(Write(_id) with { FencingToken = 7 });
        await Store.Remove(_id, 1);

        Assert.False(await Store.WriteField(_id, "field", Bytes("stale"), 7));
        Assert.False(await Store.WriteField(_id, "field", Bytes("stale"), 0));
        Assert.False(await Store.RenewLease(_id, 7, TimeSpan.FromMinutes(1)));

        Assert.Null(await Store.Load(_id));
    }

    [Fact]
    public async Task A_document_without_a_lease_has_none_left()
    {
        await Saved(Write(_id));

        Assert.Null((await Loaded(_id)).LeaseLeft);
    }

    [Fact]
    public async Task A_lease_counts_down()
    {
        await Saved(Write(_id) with { Lease = TimeSpan.FromMinutes(1) });
        var before = (await Loaded(_id)).LeaseLeft;

        Pass(TimeSpan.FromSeconds(1));

        Assert.InRange(before!.Value, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1));
        await Eventually(async () => (await Loaded(_id)).LeaseLeft < before);
    }

    [Fact]
    public async Task A_lease_that_is_over_has_nothing_left()
    {
        await Saved(Write(_id) with { Lease = Short });

        Pass(Short);

        await Eventually(async () => (await Loaded(_id)).LeaseLeft <= TimeSpan.Zero);
    }

    [Fact]
    public async Task A_write_that_keeps_the_lease_makes_it_neither_longer_nor_shorter()
    {
        await Saved(Write(_id) with { FencingToken = 7, Lease = TimeSpan.FromSeconds(1) });
        await Store.RenewLease(_id, 7, TimeSpan.FromMinutes(1));

        await Saved(Write(_id, 1) with { FencingToken = 7, Lease = TimeSpan.FromHours(1), KeepsLease = true });

        Assert.InRange((await Loaded(_id)).LeaseLeft!.Value, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_renewed_lease_lasts_from_now()
    {
        await Saved(Write(_id) with { FencingToken = 7, Lease = TimeSpan.FromSeconds(1) });

        Assert.True(await Store.RenewLease(_id, 7, TimeSpan.FromMinutes(1)));

        Assert.InRange((await Loaded(_id)).LeaseLeft!.Value, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_write_without_a_lease_ends_the_one_there_is()
    {
        await Saved(Write(_id) with { Lease = TimeSpan.FromMinutes(1) });

        await Saved(Write(_id, 1));

        Assert.Null((await Loaded(_id)).LeaseLeft);
    }
}
