using TasksBus.Limits;

namespace TasksBus.InMemory;

/// <summary>A run that has a permit, or waits for one.</summary>
internal sealed class LimitedRun(PermitRequest request)
{
    public Guid RunId => request.RunId;

    public int Priority => request.Priority;

    public string Key => request.Key;

    public IReadOnlyList<LimitDemand> Demands => request.Demands;

    /// <summary>The permit, once its attempt has come for it.</summary>
    public Guid? Permit { get; private set; }

    /// <summary>When the permit expires; null: it is reserved, or the run waits.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; }

    /// <summary>The limit in whose line the run waits.</summary>
    public LimitCount? WaitsIn { get; set; }

    /// <summary>How often somebody was reminded of the permit that is reserved for the run.</summary>
    public int Reminders { get; set; }

    public bool FallsUnder(IReadOnlyList<LimitDemand> demands) =>
        Demands.Select(demand => demand.Name).SequenceEqual(demands.Select(demand => demand.Name), StringComparer.Ordinal);

    public bool HasExpired(DateTimeOffset now) => ExpiresAt <= now;

    public void Hold(Guid permit, DateTimeOffset until) => (Permit, ExpiresAt) = (permit, until);

    /// <summary>Where a limit stands among those of the run, from coarse to fine.</summary>
    public int PlaceOf(LimitCount count)
    {
        var place = 0;
        while (!string.Equals(Demands[place].Name, count.Name, StringComparison.Ordinal))
            place++;
        return place;
    }

    public LimitDemand DemandFor(LimitCount count) => Demands[PlaceOf(count)];
}
