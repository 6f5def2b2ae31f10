using StackExchange.Redis;

using TasksBus.Client;

namespace TasksBus.Storage;

/// <summary>What workers have announced, as one hash: task name to queue. Safe to share between threads.</summary>
internal sealed class RedisTaskDirectory(RedisConnection connection, string prefix) : ITaskDirectory
{
    private readonly RedisKey[] _key = [$"{prefix}:tasks"];

    /// <inheritdoc/>
    public async ValueTask Announce(IReadOnlyCollection<TaskListing> tasks, CancellationToken cancellationToken = default)
    {
        if (tasks.Count > 0)
            await connection.Run(RedisScript.AnnounceTasks, _key, [.. tasks.SelectMany(task => new RedisValue[] { task.TaskName, task.Queue })], cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyCollection<TaskListing>> List(CancellationToken cancellationToken = default)
    {
        var entries = (RedisValue[])await connection.Run(RedisScript.ListTasks, _key, [], cancellationToken).ConfigureAwait(false);
        return [.. entries.Chunk(2).Select(entry => new TaskListing((string)entry[0], (string)entry[1]))];
    }
}
