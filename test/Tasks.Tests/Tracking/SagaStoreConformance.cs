using System.Text;
using TasksBus.Tracking;

namespace TasksBus.Tests.Tracking;

/// <summary>What every <see cref="ISagaStore"/> must do. The parts are in files of their own; this one has what they share.</summary>
public abstract partial class SagaStoreConformance : IAsyncLifetime
{
    /// <summary>Short enough to wait for where only real time passes, long enough for a few writes before it is over.</summary>
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    protected ISagaStore Store { get; private set; } = null!;

    /// <summary>The store's clock.</summary>
    protected abstract TimeProvider Time { get; }

    public async Task InitializeAsync() => Store = await Start();

    public abstract Task DisposeAsync();

    protected abstract Task<ISagaStore> Start();

    /// <summary>Moves the store's clock, if it can be moved; otherwise time passes by itself while we wait.</summary>
    protected virtual void Pass(TimeSpan time)
    {
    }

    private static SagaWrite Write(Guid id, int expectedVersion = 0, string document = "") =>
        new() { Id = id, ExpectedVersion = expectedVersion, Document = Bytes(document) };

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    private static KeyValuePair<string, ReadOnlyMemory<byte>?> Field(string name, string? value) =>
        new(name, value is null ? (ReadOnlyMemory<byte>?)null : Bytes(value));

    private async Task<StoredSaga> Loaded(Guid id)
    {
        var stored = await Store.Load(id);
        Assert.NotNull(stored);
        return stored;
    }

    private async Task Saved(params SagaWrite[] writes)
    {
        foreach (var write in writes)
            Assert.True((await Store.Save(write)).Saved);
    }
}
