using System.Globalization;

using StackExchange.Redis;

using TasksBus.Limits;

namespace TasksBus.Storage;

/// <summary>Keeps to limits in Redis, by its clock. All limits are on one node of a cluster, because a run may fall under several at once. Safe to share between threads.</summary>
internal sealed class RedisLimiter(RedisConnection connection, string prefix) : ILimiter
{
    private const double TicksPerMicrosecond = TimeSpan.TicksPerMicrosecond;

    private readonly RedisKey[] _keys = [$"{prefix}:limit:{{0}}:"];

    public async ValueTask<PermitAnswer> Acquire(PermitRequest request, CancellationToken cancellationToken = default)
    {
        RedisValue[] arguments =
        [
            Name(request.RunId), Name(request.Permit), Microseconds(request.Lease), request.Priority, request.Key, request.TakesOver ? "1" : "",
            .. request.Demands.SelectMany(demand => new RedisValue[] { demand.Name, demand.Family ?? "", Write(demand.Limit) }),
        ];
        var answer = (RedisValue[])await connection.Run(RedisScript.AcquirePermit, _keys, arguments, cancellationToken).ConfigureAwait(false);
        var state = (string)answer[0] switch
        {
            "granted" => PermitState.Granted,
            "held" => PermitState.Held,
            _ => PermitState.Waiting,
        };
        return new PermitAnswer(state, state == PermitState.Waiting ? (string)answer[1] : null, ReadGrants(answer.AsSpan(2)));
    }

    public async ValueTask<bool> Renew(Guid runId, Guid permit, TimeSpan lease, CancellationToken cancellationToken = default) =>
        (bool)await connection.Run(RedisScript.RenewPermit, _keys, [Name(runId), Name(permit), Microseconds(lease)], cancellationToken).ConfigureAwait(false);

    public ValueTask<LimitGrants> Return(Guid runId, Guid permit, CancellationToken cancellationToken = default) => Release(runId, Name(permit), cancellationToken);

    public ValueTask<LimitGrants> Leave(Guid runId, CancellationToken cancellationToken = default) => Release(runId, permit: "", cancellationToken);

    public async ValueTask<LimitGrants> GrantDue(CancellationToken cancellationToken = default) =>
        ReadGrants((RedisValue[])await connection.Run(RedisScript.GrantDue, _keys, [], cancellationToken).ConfigureAwait(false));

    public async ValueTask Set(string name, Limit? limit, CancellationToken cancellationToken = default) =>
        await connection.Run(RedisScript.SetLimit, _keys, [name, limit is null ? "" : Write(limit)], cancellationToken).ConfigureAwait(false);

    public async ValueTask<IReadOnlyDictionary<string, Limit>> Settings(CancellationToken cancellationToken = default) =>
        ((RedisValue[])await connection.Run(RedisScript.ListLimits, _keys, [], cancellationToken).ConfigureAwait(false))
            .Chunk(2).ToDictionary(entry => (string)entry[0], entry => Read(entry[1]), StringComparer.Ordinal);

    public async ValueTask<IReadOnlyList<(long Running, long Waiting)>> Count(IReadOnlyList<string> names, CancellationToken cancellationToken = default) =>
        [.. ((RedisValue[])await connection.Run(RedisScript.CountLimits, _keys, [.. names.Select(name => (RedisValue)name)], cancellationToken).ConfigureAwait(false))
            .Chunk(2).Select(pair => ((long)pair[0], (long)pair[1]))];

    private async ValueTask<LimitGrants> Release(Guid runId, string permit, CancellationToken cancellationToken) =>
        ReadGrants((RedisValue[])await connection.Run(RedisScript.ReleasePermit, _keys, [Name(runId), permit], cancellationToken).ConfigureAwait(false));

    private static LimitGrants ReadGrants(ReadOnlySpan<RedisValue> answer)
    {
        var runs = new List<Guid>();
        var reminders = new List<Guid>();
        var current = runs;
        foreach (var entry in answer[2..])
        {
            if (entry.IsNullOrEmpty)
                current = reminders;
            else
                current.Add(Guid.ParseExact((string)entry, "N"));
        }

        return new LimitGrants(runs, reminders, answer[0].IsNullOrEmpty ? null : TimeSpan.FromTicks((long)((double)answer[0] * TicksPerMicrosecond)), (long)answer[1]);
    }

    private static string Name(Guid id) => id.ToString("N");

    private static long Microseconds(TimeSpan span) => Math.Max(1, span.Ticks / TimeSpan.TicksPerMicrosecond);

    private static string Write(Limit limit) =>
        string.Create(CultureInfo.InvariantCulture, $"{limit.MaxConcurrent} {(limit.Interval is { } interval ? Microseconds(interval) : null)} {limit.Burst}");

    private static Limit Read(string text)
    {
        var parts = text.Split(' ');
        return new Limit(
            parts[0].Length == 0 ? null : int.Parse(parts[0], CultureInfo.InvariantCulture),
            parts[1].Length == 0 ? null : TimeSpan.FromTicks(long.Parse(parts[1], CultureInfo.InvariantCulture) * TimeSpan.TicksPerMicrosecond),
            int.Parse(parts[2], CultureInfo.InvariantCulture));
    }
}
