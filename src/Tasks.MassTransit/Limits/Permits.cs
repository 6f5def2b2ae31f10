using TasksBus.Configuration;

namespace TasksBus.Limits;

/// <summary>Asks for permits, keeps them and returns them. What is granted to others by the way is sent to them. Safe to share between threads.</summary>
internal sealed class Permits(Foundation foundation, LimitRules rules, GrantedRuns granted, TaskQueueOptions options)
{
    /// <summary>How much longer a permit lasts than the lease on its run: a run must be known to be abandoned before another gets its place.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    private TimeSpan Lease => options.Lease + Margin;

    /// <summary>Ends when it is known which limits were set: until then, nothing can be asked for.</summary>
    public Task Known => rules.Learned;

    /// <summary>What to ask for before an attempt starts; null if nothing limits it.</summary>
    public PermitRequest? RequestFor(Guid runId, TaskOptions task, string queue, int priority, string? key, LimitOptions? keyLimit)
    {
        var demands = rules.DemandsOf(task, queue, key, keyLimit?.ToLimit());
        return demands.Count == 0 ? null : new PermitRequest(runId, Guid.NewGuid(), demands, Lease) { Priority = priority, Key = key ?? "" };
    }

    /// <summary>Asks for a permit.</summary>
    public async ValueTask<Permit> Acquire(PermitRequest request, CancellationToken cancellationToken)
    {
        var answer = await foundation.Limiter.Acquire(request, cancellationToken).ConfigureAwait(false);
        _ = granted.Send(answer.Grants);
        return new Permit(request, answer);
    }

    /// <summary>Holds a permit for an attempt that runs, whatever the limits say.</summary>
    public async ValueTask Hold(Permit permit) =>
        _ = granted.Send((await foundation.Limiter.Acquire(permit.Request! with { TakesOver = true }).ConfigureAwait(false)).Grants);

    /// <summary>Keeps the permit of an attempt that has just renewed its lease for another one. Should the limiter have lost it, it is held again.</summary>
    public async ValueTask Renew(Permit permit)
    {
        if (permit.Request is { } request && !await foundation.Limiter.Renew(request.RunId, request.Permit, Lease).ConfigureAwait(false) && !permit.IsReturned)
            await Hold(permit).ConfigureAwait(false);
    }

    /// <summary>Returns a permit: the attempt has ended, or has not begun.</summary>
    public async ValueTask Return(Permit permit)
    {
        permit.IsReturned = true;
        if (permit.Request is { } request)
            _ = granted.Send(await foundation.Limiter.Return(request.RunId, request.Permit, permit.HasBegun).ConfigureAwait(false));
    }
}

/// <summary>What a worker got when it asked for a permit.</summary>
internal sealed class Permit
{
    /// <summary>Nothing limits the run.</summary>
    public static readonly Permit NotNeeded = new();

    private volatile bool _isReturned;

    private Permit()
    {
    }

    public Permit(PermitRequest request, PermitAnswer answer) => (Request, State, WaitsFor) = (request, answer.State, answer.WaitsFor);

    /// <summary>What was asked; null if there was no need to.</summary>
    public PermitRequest? Request { get; }

    /// <summary>The answer.</summary>
    public PermitState State { get; }

    /// <summary>The limit in whose line the run waits.</summary>
    public string? WaitsFor { get; }

    /// <summary>Whether an attempt has begun under it: if none has, no start counts.</summary>
    public bool HasBegun { get; set; }

    /// <summary>Whether it is given back: a renewal that was under way meanwhile must not take that for a loss.</summary>
    public bool IsReturned { get => _isReturned; set => _isReturned = value; }
}
