using System.Globalization;

using StackExchange.Redis;

namespace TasksBus.FaultWorker;

/// <summary>
/// What handlers really do, written down apart from the task queue's own books: which run was done how often, and how many visitors were in a room
/// together. Safe to share between threads and processes.
/// </summary>
/// <remarks>
/// A room is a set of visitors in Redis, each with the id of its process. Who enters first writes itself down and then counts those whose processes
/// live: so the last of those who are there together sees all of them, and who was killed inside does not count.
/// </remarks>
public sealed class Ledger(string redis, string prefix)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private readonly Lazy<Task<ConnectionMultiplexer>> _connection = new(() => ConnectionMultiplexer.ConnectAsync(Patient.Redis(redis)));

    private RedisKey Visits => $"{prefix}:ledger:visits";

    private RedisKey Visited => $"{prefix}:ledger:visited";

    private RedisKey Refused => $"{prefix}:ledger:refused";

    private RedisKey Crowds => $"{prefix}:ledger:crowds";

    /// <summary>A visitor comes in.</summary>
    /// <returns>To be called when it goes.</returns>
    public async Task<Func<Task>> Enter(string room, Guid run)
    {
        var books = await Open();
        RedisKey key = $"{prefix}:ledger:room:{room}";
        RedisValue visitor = $"{Environment.ProcessId} {Guid.NewGuid()}";
        _ = books.HashIncrementAsync(Visits, run.ToString());
        _ = books.SetAddAsync(Visited, room);
        _ = books.KeyExpireAsync(Visits, Lifetime);
        _ = books.KeyExpireAsync(Visited, Lifetime);
        _ = books.KeyExpireAsync(Crowds, Lifetime);
        await books.SetAddAsync(key, visitor);
        var crowd = (await books.SetMembersAsync(key)).Count(other => Lives(((string)other).Split(' ')[0]));
        await books.HashIncrementAsync(Crowds, crowd);
        return () => books.SetRemoveAsync(key, visitor);
    }

    /// <summary>A write of a run was refused.</summary>
    public async Task Refuse(Guid run) => await (await Open()).HashIncrementAsync(Refused, run.ToString());

    /// <summary>How many writes of a run were refused.</summary>
    public async Task<long> Refusals(Guid run) => (long?)await (await Open()).HashGetAsync(Refused, run.ToString()) ?? 0;

    /// <summary>How often each run was begun.</summary>
    public async Task<IReadOnlyDictionary<Guid, long>> Begun() =>
        (await (await Open()).HashGetAllAsync(Visits)).ToDictionary(entry => Guid.Parse((string)entry.Name), entry => (long)entry.Value);

    /// <summary>The rooms in which somebody was.</summary>
    public async Task<IReadOnlyCollection<string>> Rooms() => [.. (await (await Open()).SetMembersAsync(Visited)).Select(room => (string)room)];

    /// <summary>How many visitors have found so many in their room, themselves included.</summary>
    public async Task<IReadOnlyDictionary<int, long>> Found() =>
        (await (await Open()).HashGetAllAsync(Crowds)).ToDictionary(entry => int.Parse((string)entry.Name, CultureInfo.InvariantCulture), entry => (long)entry.Value);

    private async Task<IDatabase> Open() => (await _connection.Value).GetDatabase();

    private static bool Lives(string process) => Directory.Exists($"/proc/{process}");
}
