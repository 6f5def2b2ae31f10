using System.Text.Json;

using MassTransit;

namespace TasksBus.Tracking;

/// <summary>The sagas of one kind, typed: reads and writes their documents in an <see cref="ISagaStore"/>. Safe to share between threads.</summary>
/// <typeparam name="TSaga">The saga.</typeparam>
public sealed class SagaDocuments<TSaga>(ISagaStore store, SagaMapping<TSaga> mapping)
    where TSaga : class, ISagaVersion
{
    /// <summary>Where the documents are.</summary>
    public ISagaStore Store { get; } = store;

    /// <summary>Loads a saga, or null. One round trip.</summary>
    public async ValueTask<SagaDocument<TSaga>?> Load(Guid id, CancellationToken cancellationToken = default) =>
        await Store.Load(id, cancellationToken).ConfigureAwait(false) is { } stored ? Read(stored) : null;

    /// <summary>
    /// Saves a saga if nobody else has since it was loaded. One round trip; none if nothing has changed.
    /// </summary>
    /// <param name="document">The saga and the version from which it was changed.</param>
    /// <param name="orAbsent">Whether it is as good if nothing is stored.</param>
    /// <param name="cancellationToken">Ends the call; the saga may then be saved or not.</param>
    /// <returns>Null if it is saved, and then <paramref name="document"/> is up to date; else the answer to what stood in the way.</returns>
    public async ValueTask<SagaConflict<TSaga>?> Save(SagaDocument<TSaga> document, bool orAbsent = false, CancellationToken cancellationToken = default)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(document.Saga, mapping.Json);
        var write = mapping.Describe(document.Saga, new SagaWrite
        {
            Id = document.Saga.CorrelationId,
            ExpectedVersion = document.Version,
            OrAbsent = orAbsent,
            Document = bytes,
        });
        if (write.Fields.Count == 0 && bytes.AsSpan().SequenceEqual(document.Stored.Span))
            return null;

        var result = await Store.Save(write, cancellationToken).ConfigureAwait(false);
        if (!result.Saved)
            return new SagaConflict<TSaga>(result.Current is { } current ? Read(current) : null);

        document.WasSaved(bytes);
        await mapping.Written(document.Saga).ConfigureAwait(false);
        return null;
    }

    /// <summary>Makes a saga of what is stored.</summary>
    public SagaDocument<TSaga> Read(StoredSaga stored)
    {
        var saga = JsonSerializer.Deserialize<TSaga>(stored.Document.Span, mapping.Json)
            ?? throw new JsonException($"The document of {typeof(TSaga).Name} {stored.Id} is null.");
        saga.CorrelationId = stored.Id;
        mapping.Restore(saga, stored);
        return new SagaDocument<TSaga>(saga, stored.Version, stored.Document);
    }
}

/// <summary>A saga and the version from which it is changed.</summary>
/// <typeparam name="TSaga">The saga.</typeparam>
public sealed class SagaDocument<TSaga>
    where TSaga : class, ISagaVersion
{
    /// <summary>A saga that is stored under a version; 0: not yet.</summary>
    public SagaDocument(TSaga saga, int version, ReadOnlyMemory<byte> stored = default)
    {
        Saga = saga;
        Version = saga.Version = version;
        Stored = stored;
    }

    /// <summary>The saga.</summary>
    public TSaga Saga { get; }

    /// <summary>The version that is stored; 0: none.</summary>
    public int Version { get; private set; }

    /// <summary>The document that is stored under it.</summary>
    public ReadOnlyMemory<byte> Stored { get; private set; }

    internal void WasSaved(ReadOnlyMemory<byte> bytes)
    {
        Version = ++Saga.Version;
        Stored = bytes;
    }
}

/// <summary>A save was refused, because somebody else had saved before.</summary>
/// <param name="Current">What is stored; null if nothing is.</param>
/// <typeparam name="TSaga">The saga.</typeparam>
public sealed record SagaConflict<TSaga>(SagaDocument<TSaga>? Current)
    where TSaga : class, ISagaVersion;
