using RabbitMQ.Client;

namespace TasksBus.Tests.Examples;

/// <summary>A name that keeps the queues and keys of one test apart from all others. Disposing deletes the queues.</summary>
internal sealed class OwnQueues : IAsyncDisposable
{
    private readonly string _prefix = $"example-{Guid.NewGuid():N}";
    private readonly IConnection _connection;

    private OwnQueues(IConnection connection) => _connection = connection;

    /// <summary>The broker of the tests.</summary>
    public static string RabbitMq { get; } = System.Environment.GetEnvironmentVariable("TASKSBUS_RABBITMQ") ?? "amqp://guest:guest@127.0.0.1:5672";

    /// <summary>The store of the tests.</summary>
    public static string Redis { get; } = System.Environment.GetEnvironmentVariable("TASKSBUS_REDIS") ?? "127.0.0.1:6379";

    /// <summary>Configures an example to use the name, and to leave nothing in the store for long.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["TasksBus__Prefix"] = _prefix,
        ["TasksBus__Lease"] = "00:00:05",
    };

    public static async Task<OwnQueues> Create() =>
        new(await new ConnectionFactory { Uri = new Uri(RabbitMq) }.CreateConnectionAsync());

    public async ValueTask DisposeAsync()
    {
        await using (_connection)
        {
            await using var channel = await _connection.CreateChannelAsync(cancellationToken: CancellationToken.None);
            foreach (var name in new[] { $"{_prefix}.tasks", $"{_prefix}-tracking", $"{_prefix}-workflows" })
            {
                await channel.QueueDeleteAsync(name, cancellationToken: CancellationToken.None);
                await channel.ExchangeDeleteAsync(name, cancellationToken: CancellationToken.None);
            }
        }
    }
}
