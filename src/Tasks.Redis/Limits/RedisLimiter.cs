using System.Globalization;

using StackExchange.Redis;

using TasksBus.Limits;

namespace TasksBus.Storage;

/// <summary>Keeps to limits in Redis, by its clock. All limits are on one node of a cluster, because a run may fall under several at once. Safe to share between threads.</summary>
internal sealed class RedisLimiter(RedisConnection connection, string prefix) : ILimiter
{
    private const double TicksPerMicrosecond = TimeSpan.TicksPerMicrosecond;
    private const int FixedArguments = 6;
    private const int ArgumentsOfDemand = 3;

    private readonly RedisKey[] _keys = [$"{prefix}:limit:{{0}}:"];

    public async ValueTask<PermitAnswer> Acquire(PermitRequest request, CancellationToken cancellationToken = default)
    {
        var arguments = new RedisValue[FixedArguments + (request.Demands.Count * ArgumentsOfDemand)];
        (arguments[0], arguments[1], arguments[2]) = (Name(request.RunId), Name(request.Permit), Microseconds(request.Lease));
        (arguments[3], arguments[4], arguments[5]) = (request.Priority, request.Key, request.TakesOver ? "1" : "");
        for (var i = 0; i < request.Demands.Count; i++)
        {
            var (demand, first) = (request.Demands[i], FixedArguments + (i * ArgumentsOfDemand));
            (arguments[first], arguments[first + 1], arguments[first + 2]) = (demand.Name, demand.Family ?? "", Write(demand.Limit));
        }

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

    public ValueTask<LimitGrants> Return(Guid runId, Guid permit, bool hasBegun, CancellationToken cancellationToken = default) => Release(runId, Name(permit), hasBegun, cancellationToken);

    public ValueTask<LimitGrants> Leave(Guid runId, CancellationToken cancellationToken = default) => Release(runId, permit: "", hasBegun: false, cancellationToken);

    public async ValueTask<DueGrants> GrantDue(CancellationToken cancellationToken = default)
    {
        var answer = (RedisResult[])await connection.Run(RedisScript.GrantDue, _keys, [], cancellationToken).ConfigureAwait(false);
        return new DueGrants(ReadGrants((RedisValue[])answer[2]), ReadRuns((RedisValue[])answer[1]), (long)answer[0]);
    }

    public async ValueTask Set(string name, Limit? limit, CancellationToken cancellationToken = default) =>
        await connection.Run(RedisScript.SetLimit, _keys, [name, limit is null ? "" : Write(limit)], cancellationToken).ConfigureAwait(false);

    public async ValueTask<IReadOnlyDictionary<string, Limit>> Settings(CancellationToken cancellationToken = default) =>
        ((RedisValue[])await connection.Run(RedisScript.ListLimits, _keys, [], cancellationToken).ConfigureAwait(false))
            .Chunk(2).ToDictionary(entry => (string)entry[0], entry => Read(entry[1]), StringComparer.Ordinal);

    public async ValueTask<IReadOnlyList<(long Running, long Waiting)>> Count(IReadOnlyList<string> names, CancellationToken cancellationToken = default) =>
        [.. ((RedisValue[])await connection.Run(RedisScript.CountLimits, _keys, [.. names.Select(name => (RedisValue)name)], cancellationToken).ConfigureAwait(false))
            .Chunk(2).Select(pair => ((long)pair[0], (long)pair[1]))];

    private async ValueTask<LimitGrants> Release(Guid runId, string permit, bool hasBegun, CancellationToken cancellationToken) =>
        ReadGrants((RedisValue[])await connection.Run(RedisScript.ReleasePermit, _keys, [Name(runId), permit, hasBegun ? "1" : ""], cancellationToken).ConfigureAwait(false));

    private static LimitGrants ReadGrants(ReadOnlySpan<RedisValue> answer) =>
        new(ReadRuns(answer[1..]), answer[0].IsNullOrEmpty ? null : TimeSpan.FromTicks((long)((double)answer[0] * TicksPerMicrosecond)));

    private static Guid[] ReadRuns(ReadOnlySpan<RedisValue> names)
    {
        var runs = names.Length == 0 ? [] : new Guid[names.Length];
        for (var i = 0; i < runs.Length; i++)
            runs[i] = Guid.ParseExact((string)names[i], "N");
        return runs;
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
