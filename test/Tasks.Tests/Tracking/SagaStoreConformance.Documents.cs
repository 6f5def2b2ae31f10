using System.Globalization;
using TasksBus.Tracking;

namespace TasksBus.Tests.Tracking;

public abstract partial class SagaStoreConformance
{
    private readonly Guid _id = Guid.CreateVersion7();

    [Fact]
    public async Task What_was_never_saved_is_not_there()
    {
        Assert.Null(await Store.Load(_id));
    }

    [Fact]
    public async Task A_document_is_loaded_as_it_was_saved()
    {
        await Saved(Write(_id, document: "line 1\nline 2"));

        var stored = await Loaded(_id);

        Assert.Equal((_id, 1, "line 1\nline 2"), (stored.Id, stored.Version, Text(stored.Document)));
        Assert.Empty(stored.Fields);
    }

    [Fact]
    public async Task An_insert_does_not_overwrite()
    {
        await Saved(Write(_id, document: "first"));

        var second = await Store.Save(Write(_id, document: "second"));

        Assert.False(second.Saved);
        Assert.Equal("first", Text((await Loaded(_id)).Document));
    }

    [Fact]
    public async Task Each_write_counts_the_version_up()
    {
        await Saved(Write(_id), Write(_id, 1), Write(_id, 2, "third"));

        var stored = await Loaded(_id);

        Assert.Equal((3, "third"), (stored.Version, Text(stored.Document)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_write_that_expects_another_version_is_refused_and_told_what_is_stored(int expectedVersion)
    {
        await Saved(Write(_id), Write(_id, 1, "stored") with { Fields = [Field("kept", "value")], Lease = TimeSpan.FromMinutes(1) });

        var (saved, current) = await Store.Save(Write(_id, expectedVersion, "refused") with { Fields = [Field("kept", "refused")] });

        Assert.False(saved);
        Assert.NotNull(current);
        Assert.Equal((_id, 2, "stored"), (current.Id, current.Version, Text(current.Document)));
        Assert.Equal("value", Text(current.Fields["kept"]));
        Assert.InRange(current.LeaseLeft!.Value, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_write_that_expects_a_version_is_refused_if_nothing_is_stored()
    {
        var (saved, current) = await Store.Save(Write(_id, 1));

        Assert.False(saved);
        Assert.Null(current);
        Assert.Null(await Store.Load(_id));
    }

    [Fact]
    public async Task A_write_that_may_find_nothing_makes_the_version_after_the_expected_one()
    {
        await Saved(Write(_id, 5) with { OrAbsent = true });

        Assert.Equal(6, (await Loaded(_id)).Version);
    }

    [Fact]
    public async Task A_write_that_may_find_nothing_is_refused_if_it_finds_another_version()
    {
        await Saved(Write(_id, document: "stored"));

        var (saved, current) = await Store.Save(Write(_id, 5, "refused") with { OrAbsent = true });

        Assert.False(saved);
        Assert.Equal("stored", Text(current!.Document));
    }

    [Fact]
    public async Task Of_writers_that_expect_the_same_version_one_wins()
    {
        for (var version = 0; version < 20; version++)
        {
            var writes = Enumerable.Range(0, 16).Select(writer => Write(_id, version, $"{writer}"));

            var results = await Task.WhenAll(writes.Select(write => Task.Run(async () => await Store.Save(write))));

            var winner = Assert.Single(Enumerable.Range(0, 16), writer => results[writer].Saved);
            Assert.Equal($"{winner}", Text((await Loaded(_id)).Document));
        }
    }

    [Fact]
    public async Task Concurrent_writers_lose_no_change()
    {
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => Increment(100))));

        var stored = await Loaded(_id);

        Assert.Equal((1600, "1600"), (stored.Version, Text(stored.Document)));
    }

    [Fact]
    public async Task A_removed_document_is_gone_with_all_that_belongs_to_it()
    {
        await Saved(Write(_id) with
        {
            Fields = [Field("field", "value")],
            Indexes = ["all"],
            DueAt = DateTimeOffset.UnixEpoch,
            Lifetime = TimeSpan.FromHours(1),
        });

        Assert.True(await Store.Remove(_id, 1));

        Assert.Null(await Store.Load(_id));
        Assert.Equal(0, await Store.Count("all"));
        Assert.Empty((await Store.List(Everything("all"))).Sagas);
        Assert.Equal(new DueSagas([], null), await Take(DateTimeOffset.UnixEpoch), SameDueSagas);
        Assert.Equal(0, await Store.RemoveExpired(Time.GetUtcNow(), 10));
        await Saved(Write(_id));
        Assert.Empty((await Loaded(_id)).Fields);
    }

    [Fact]
    public async Task A_removal_that_expects_another_version_is_refused()
    {
        await Saved(Write(_id), Write(_id, 1));

        Assert.False(await Store.Remove(_id, 1));

        Assert.Equal(2, (await Loaded(_id)).Version);
    }

    [Fact]
    public async Task What_is_not_there_cannot_be_removed()
    {
        Assert.False(await Store.Remove(_id, 0));
        Assert.False(await Store.StartOver(_id, 0, lowestToken: 7, TimeSpan.FromHours(1)));
    }

    [Fact]
    public async Task What_starts_over_is_removed_and_is_written_by_those_alone_who_know()
    {
        await Saved(Write(_id) with { FencingToken = 1, Fields = [Field("field", "value")], Indexes = ["all"], DueAt = DateTimeOffset.UnixEpoch, Lifetime = TimeSpan.FromHours(1) });

        var unexpected = await Store.StartOver(_id, 2, lowestToken: 7, TimeSpan.FromHours(1));
        var isOver = await Store.StartOver(_id, 1, lowestToken: 7, TimeSpan.FromHours(1));

        Assert.Equal((false, true), (unexpected, isOver));
        Assert.Null(await Store.Load(_id));
        Assert.Equal(0, await Store.Count("all"));
        Assert.Equal(new DueSagas([], null), await Take(DateTimeOffset.UnixEpoch), SameDueSagas);
        Assert.Equal(new SaveResult(false, null), await Store.Save(Write(_id) with { FencingToken = 6 }));
        Assert.Equal(new SaveResult(false, null), await Store.Save(Write(_id, 1) with { FencingToken = 6, OrAbsent = true }));
        await Saved(Write(_id) with { FencingToken = 7 });
        Assert.Equal(1, (await Store.Save(Write(_id, 1) with { FencingToken = 6 })).Current?.Version);
        await Saved(Write(_id, 1) with { FencingToken = 8 });
        Assert.Empty((await Loaded(_id)).Fields);
    }

    [Fact]
    public async Task That_something_starts_over_is_forgotten_after_a_while_or_with_its_next_document()
    {
        var other = Guid.NewGuid();
        await Saved(Write(_id), Write(other));
        await Store.StartOver(_id, 1, lowestToken: 7, Short);
        await Store.StartOver(other, 1, lowestToken: 7, TimeSpan.FromHours(1));

        Assert.False((await Store.Save(Write(_id) with { FencingToken = 6 })).Saved);
        await Saved(Write(other) with { FencingToken = 7 });
        Assert.True(await Store.Remove(other, 1));
        Pass(Short);

        await Saved(Write(other) with { FencingToken = 6 });
        await Eventually(async () => (await Store.Save(Write(_id) with { FencingToken = 6 })).Saved);
    }

    private async Task Increment(int times)
    {
        while (times > 0)
        {
            var stored = await Store.Load(_id);
            var value = stored is null ? 0 : int.Parse(Text(stored.Document), CultureInfo.InvariantCulture);
            if ((await Store.Save(Write(_id, stored?.Version ?? 0, $"{value + 1}"))).Saved)
                times--;
        }
    }

    private static bool SameDueSagas(DueSagas expected, DueSagas actual) =>
        expected.NextAt == actual.NextAt && expected.Sagas.Select(saga => saga.Id).SequenceEqual(actual.Sagas.Select(saga => saga.Id));
}
