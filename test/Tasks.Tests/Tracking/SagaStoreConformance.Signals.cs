using System.Threading.Channels;
using TasksBus.Tracking;

namespace TasksBus.Tests.Tracking;

public abstract partial class SagaStoreConformance
{
    [Fact]
    public async Task A_watcher_gets_each_version_in_order_though_many_write()
    {
        var (watch, signals) = await Watched(_id);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Increment(50))));

        for (var version = 1; version <= 200; version++)
        {
            var signal = await Next(signals);
            Assert.Equal((null, version, $"{version}"), (signal.Field, signal.Version, Text(signal.Value)));
        }

        await watch.DisposeAsync();
    }

    [Fact]
    public async Task A_watcher_gets_changes_of_fields()
    {
        await Saved(Write(_id), Write(_id, 1) with { FencingToken = 7 });
        var (watch, signals) = await Watched(_id);

        await Store.WriteField(_id, "progress", Bytes("1\n2"), 7);
        await Store.WriteField(_id, "two words", Bytes(""), 7);

        Assert.Equal(("progress", 2, "1\n2"), Contents(await Next(signals)));
        Assert.Equal(("two words", 2, ""), Contents(await Next(signals)));
        await watch.DisposeAsync();
    }

    [Fact]
    public async Task A_watcher_gets_the_removal_as_version_0()
    {
        await Saved(Write(_id));
        var (watch, signals) = await Watched(_id);

        await Store.Remove(_id, 1);
        await Saved(Write(_id, document: "again"));

        Assert.Equal((null, 0, ""), Contents(await Next(signals)));
        Assert.Equal((null, 1, "again"), Contents(await Next(signals)));
        await watch.DisposeAsync();
    }

    [Fact]
    public async Task Neither_refused_writes_nor_other_documents_nor_leases_are_signalled()
    {
        await Saved(Write(_id) with { FencingToken = 7 });
        var (watch, signals) = await Watched(_id);

        await Store.Save(Write(_id, 5));
        await Store.WriteField(_id, "field", Bytes("stale"), 6);
        await Store.RenewLease(_id, 7, TimeSpan.FromMinutes(1));
        await Store.Remove(_id, 5);
        await Saved(Write(Guid.NewGuid()), Write(_id, 1, "second"));

        Assert.Equal((null, 2, "second"), Contents(await Next(signals)));
        await watch.DisposeAsync();
    }

    [Fact]
    public async Task Whoever_has_stopped_watching_gets_nothing_more_and_others_still_do()
    {
        var (watch, signals) = await Watched(_id);
        var (other, otherSignals) = await Watched(_id);

        await watch.DisposeAsync();
        await watch.DisposeAsync();
        await Saved(Write(_id));

        await Next(otherSignals);
        Assert.False(signals.TryRead(out _));
        await other.DisposeAsync();
    }

    [Fact]
    public async Task A_watcher_that_throws_harms_neither_the_writer_nor_another_watcher()
    {
        await using var failing = await Store.Watch(_id, _ => throw new InvalidOperationException());
        var (watch, signals) = await Watched(_id);

        await Saved(Write(_id), Write(_id, 1));

        Assert.Equal(1, (await Next(signals)).Version);
        Assert.Equal(2, (await Next(signals)).Version);
        await watch.DisposeAsync();
    }

    [Fact]
    public async Task Who_watches_at_the_same_time_misses_nothing_from_then_on()
    {
        var watches = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => Watched(_id))));

        await Saved(Write(_id));

        foreach (var (watch, signals) in watches)
        {
            Assert.Equal(1, (await Next(signals)).Version);
            await watch.DisposeAsync();
        }
    }

    [Fact]
    public async Task An_alert_reaches_who_listens_for_its_name_with_the_id_of_the_document()
    {
        var alerts = Channel.CreateUnbounded<(string Name, Guid Id)>();
        await using var mine = await Store.WatchAlerts("mine", id => alerts.Writer.TryWrite(("mine", id)));
        await using var other = await Store.WatchAlerts("other", id => alerts.Writer.TryWrite(("other", id)));

        await Saved(Write(Guid.NewGuid()) with { Alert = "nobody" }, Write(Guid.NewGuid()), Write(_id) with { Alert = "mine" });
        await Store.Save(Write(_id, 5) with { Alert = "other" });
        await Saved(Write(_id, 1) with { Alert = "mine" });

        using var deadline = new CancellationTokenSource(Deadline);
        Assert.Equal(("mine", _id), await alerts.Reader.ReadAsync(deadline.Token));
        Assert.Equal(("mine", _id), await alerts.Reader.ReadAsync(deadline.Token));
        Assert.False(alerts.Reader.TryRead(out _));
    }

    private async Task<(IAsyncDisposable Watch, ChannelReader<SagaSignal> Signals)> Watched(Guid id)
    {
        var signals = Channel.CreateUnbounded<SagaSignal>();
        return (await Store.Watch(id, signal => signals.Writer.TryWrite(signal)), signals.Reader);
    }

    private static async Task<SagaSignal> Next(ChannelReader<SagaSignal> signals)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        return await signals.ReadAsync(deadline.Token);
    }

    private static (string? Field, int Version, string Value) Contents(SagaSignal signal) => (signal.Field, signal.Version, Text(signal.Value));
}
