using System.Text.Json;

using MassTransit;
using MassTransit.Serialization;

namespace TasksBus.Tracking;

/// <summary>How a saga is kept in an <see cref="ISagaStore"/>: which indexes hold it, how long it lives, what is written beside its document.</summary>
/// <remarks>The default keeps the document alone, in no index, for good. Derive to say more.</remarks>
/// <typeparam name="TSaga">The saga.</typeparam>
public class SagaMapping<TSaga>
    where TSaga : class, ISagaVersion
{
    /// <summary>How the document is written. Default: as MassTransit writes messages.</summary>
    public virtual JsonSerializerOptions Json => SystemTextJsonMessageSerializer.Options;

    /// <summary>Adds to a write what the saga wants kept besides its document.</summary>
    public virtual SagaWrite Describe(TSaga saga, SagaWrite write) => write;

    /// <summary>Fills a loaded saga with what is kept beside its document.</summary>
    public virtual void Restore(TSaga saga, StoredSaga stored)
    {
    }

    /// <summary>Called when a write has been made: what was to be written beside the document is now stored.</summary>
    /// <returns>Ends when whatever follows from it is done; the save ends then.</returns>
    public virtual ValueTask Written(TSaga saga) => ValueTask.CompletedTask;
}
