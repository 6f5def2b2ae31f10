namespace TasksBus.Storage;

/// <summary>Makes sure that everybody spreads documents among the same number of partitions: with another number, nobody would find them.</summary>
internal sealed class PartitionCheck(RedisConnection connection, RedisKeys keys)
{
    private volatile bool _isDone;

    /// <summary>Whether the numbers are known to agree.</summary>
    public bool IsDone => _isDone;

    /// <summary>Compares our number with the one in Redis; writes it, if we are the first.</summary>
    /// <exception cref="TaskQueueConfigurationException">The numbers differ.</exception>
    public async Task Do(CancellationToken cancellationToken)
    {
        var ours = keys.Partitions.Count;
        var theirs = (int)await connection.Run(RedisScript.Partitions, [keys.PartitionCount], [ours], cancellationToken).ConfigureAwait(false);
        if (theirs != ours)
        {
            throw new TaskQueueConfigurationException(
                $"Redis at {connection.Address} keeps its documents in {theirs} partitions (key '{keys.PartitionCount}'), but this process is configured " +
                $"with {ours}, and would not find them. Configure {theirs}, or use another {nameof(TaskQueueOptions.Prefix)}.");
        }

        _isDone = true;
    }
}
