using TasksBus.Configuration;

namespace TasksBus.Limits;

/// <summary>Asks for permits, keeps them and returns them. What is granted to others by the way is sent to them. Safe to share between threads.</summary>
internal sealed class Permits(Foundation foundation, LimitRules rules, GrantedRuns granted, TaskQueueOptions options)
{
    /// <summary>How much longer a permit lasts than the lease on its run: a run must be known to be abandoned before another gets its place.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(5);

    private TimeSpan Lease => options.Lease + Margin;

    /// <summary>Asks for a permit to start an attempt. No round trip if nothing limits it.</summary>
    public async ValueTask<Permit> Ask(Guid runId, TaskOptions task, string queue, int priority, string? key, LimitOptions? keyLimit, CancellationToken cancellationToken)
    {
        var demands = rules.DemandsOf(task, queue, key, keyLimit?.ToLimit());
        if (demands.Count == 0)
            return Permit.NotNeeded;
        var request = new PermitRequest(runId, Guid.NewGuid(), demands, Lease) { Priority = priority, Key = key ?? "" };
        var answer = await foundation.Limiter.Acquire(request, cancellationToken).ConfigureAwait(false);
        granted.Send(answer.Grants);
        return new Permit(request, answer);
    }

    /// <summary>Takes over the permit of the attempt before, which has turned out to be over.</summary>
    public async ValueTask TakeOver(Permit permit)
    {
        if (permit.State == PermitState.Held)
            granted.Send((await foundation.Limiter.Acquire(permit.Request! with { TakesOver = true }).ConfigureAwait(false)).Grants);
    }

    /// <summary>Keeps a permit for another lease.</summary>
    public async ValueTask Renew(Permit permit)
    {
        if (permit.Request is { } request)
            await foundation.Limiter.Renew(request.RunId, request.Permit, Lease).ConfigureAwait(false);
    }

    /// <summary>Returns a permit: the attempt has ended, or has not begun.</summary>
    public async ValueTask Return(Permit permit)
    {
        if (permit.Request is { } request)
            granted.Send(await foundation.Limiter.Release(request.RunId, request.Permit).ConfigureAwait(false));
    }

    /// <summary>Returns whatever permit the run has, or its place in the line: the run is over.</summary>
    public async ValueTask ReturnAll(Permit permit)
    {
        if (permit.Request is { } request)
            granted.Send(await foundation.Limiter.Release(request.RunId, permit: null).ConfigureAwait(false));
    }
}

/// <summary>What a worker got when it asked for a permit.</summary>
internal sealed record Permit
{
    /// <summary>Nothing limits the run.</summary>
    public static readonly Permit NotNeeded = new();

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
}
