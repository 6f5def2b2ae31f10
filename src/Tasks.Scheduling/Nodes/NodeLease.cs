using System.Text.Json.Serialization;

using MassTransit;

using TasksBus.Configuration;
using TasksBus.Schedules;
using TasksBus.Tracking;

namespace TasksBus.Nodes;

/// <summary>Which scheduler node acts: the one that has the lease.</summary>
internal sealed class NodeLease(Foundation foundation, TimeSpan lease, string node, TimeProvider clock)
{
    private const string Kind = "scheduler";

    /// <summary>Where to see who acts.</summary>
    private const string Index = "nodes";

    private static readonly Guid Id = ScheduleIds.Of(Kind, "acting");

    private readonly SagaDocuments<LeaseSaga> _documents = new(foundation.Stores.Of(Kind), new LeaseMapping());
    private long _token;
    private long _renewedAt;

    /// <summary>Whether this node may act: it has the lease, and no more time has gone by since it was renewed than it lasts, which a process that was held still cannot know otherwise.</summary>
    public bool IsHeld => Volatile.Read(ref _token) != 0 && clock.GetElapsedTime(Volatile.Read(ref _renewedAt)) < lease;

    /// <summary>Renews the lease, or takes it if it is free.</summary>
    /// <returns>Whether this node has it.</returns>
    public async Task<bool> Attend(CancellationToken cancellationToken)
    {
        if (await Renew(cancellationToken).ConfigureAwait(false))
            return true;

        Volatile.Write(ref _token, 0);
        var now = clock.GetTimestamp();
        var stored = await _documents.Load(Id, cancellationToken).ConfigureAwait(false);
        return !(stored?.Saga.LeaseLeft > TimeSpan.Zero) && await Take(stored, now, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Renews the lease, if this node has it.</summary>
    public async Task<bool> Renew(CancellationToken cancellationToken)
    {
        var now = clock.GetTimestamp();
        var token = Volatile.Read(ref _token);
        if (token == 0 || !await _documents.Store.RenewLease(Id, token, lease, cancellationToken).ConfigureAwait(false))
            return false;
        Volatile.Write(ref _renewedAt, now);
        return true;
    }

    /// <summary>Gives it to whoever wants it next.</summary>
    public async Task Release(CancellationToken cancellationToken)
    {
        var token = Interlocked.Exchange(ref _token, 0);
        if (token != 0 && await _documents.Load(Id, cancellationToken).ConfigureAwait(false) is { } stored && stored.Saga.Token == token)
            await _documents.Store.Remove(Id, stored.Version, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> Take(SagaDocument<LeaseSaga>? stored, long now, CancellationToken cancellationToken)
    {
        // Higher than any before, also after a release, which leaves nothing behind: a node that was held still meanwhile has a lower one.
        var token = Math.Max(clock.GetUtcNow().Ticks, (stored?.Saga.Token ?? 0) + 1);
        var taken = new LeaseSaga { CorrelationId = Id, Node = node, Token = token, Lease = lease };
        if (await _documents.Save(new SagaDocument<LeaseSaga>(taken, stored?.Version ?? 0), cancellationToken: cancellationToken).ConfigureAwait(false) is not null)
            return false;
        Volatile.Write(ref _renewedAt, now);
        Volatile.Write(ref _token, token);
        return true;
    }

    private sealed class LeaseSaga : ISagaVersion
    {
        [JsonIgnore]
        public Guid CorrelationId { get; set; }

        [JsonIgnore]
        public int Version { get; set; }

        public string Node { get; set; } = "";

        public long Token { get; set; }

        public TimeSpan Lease { get; set; }

        [JsonIgnore]
        public TimeSpan? LeaseLeft { get; set; }
    }

    private sealed class LeaseMapping : SagaMapping<LeaseSaga>
    {
        public override SagaWrite Describe(LeaseSaga saga, SagaWrite write) => write with { FencingToken = saga.Token, Lease = saga.Lease, Indexes = [Index] };

        public override void Restore(LeaseSaga saga, StoredSaga stored) => saga.LeaseLeft = stored.LeaseLeft;
    }
}
