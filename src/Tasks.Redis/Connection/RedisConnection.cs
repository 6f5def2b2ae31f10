using System.Net;
using StackExchange.Redis;

namespace TasksBus.Storage;

/// <summary>
/// A connection to one Redis: made at first use, and made again by itself when it is lost. Who asks while there is none is told so at once.
/// Safe to share between threads.
/// </summary>
internal sealed class RedisConnection : IAsyncDisposable
{
    // It connects again by itself; but a loss that it notes only while it does so already leaves it (1.2.6) without a connection that it takes for established, for good.
    private static readonly TimeSpan LongestLoss = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan BetweenPings = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly ConfigurationOptions _options;
    private readonly CancellationTokenSource _disposing = new();
    private readonly CancellationToken _stopping;
    private volatile ConnectionMultiplexer? _client;
    private Task<ConnectionMultiplexer>? _opening;

    /// <param name="configuration">Addresses and options as StackExchange.Redis reads them: <c>host:port,password=…,ssl=true</c>.</param>
    /// <exception cref="TaskQueueConfigurationException">It cannot be read, names no address, or has a prefix for channels.</exception>
    public RedisConnection(string configuration)
    {
        _options = RedisOptions.Parse(configuration);
        _stopping = _disposing.Token;
        Address = string.Join(',', _options.EndPoints.Select(Format));
    }

    /// <summary>Raised when the connection works again, and messages may have been lost; more than once, if it comes back in parts.</summary>
    public event EventHandler? Restored;

    /// <summary>Host and port, without the password.</summary>
    public string Address { get; }

    /// <summary>Waits until the connection has been tried.</summary>
    public async Task<ConnectionMultiplexer> Open(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_stopping.IsCancellationRequested, this);
        Task<ConnectionMultiplexer> opening;
        lock (_lock)
        {
            if (_opening is null or { IsFaulted: true })
                _opening = Connect();
            opening = _opening;
        }

        return await opening.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs a script.</summary>
    /// <exception cref="StoreUnavailableException">Redis does not answer; the script may have run or not.</exception>
    /// <exception cref="RedisServerException">Redis refuses.</exception>
    public async Task<RedisResult> Run(RedisScript script, RedisKey[] keys, RedisValue[] arguments, CancellationToken cancellationToken)
    {
        var client = _client ?? await Open(cancellationToken).ConfigureAwait(false);
        try
        {
            var database = client.GetDatabase();
            RedisResult answer;
            try
            {
                answer = await Cancellable(database.ScriptEvaluateAsync(script.Hash, keys, arguments), cancellationToken).ConfigureAwait(false);
            }
            catch (RedisServerException error) when (error.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
            {
                // Run by its text, Redis knows the script from then on.
                answer = await Cancellable(
                    database.ScriptEvaluateAsync(script.Text, keys, arguments, CommandFlags.NoScriptCache), cancellationToken).ConfigureAwait(false);
            }

            // The client (1.2.6) hands out answers one by one, on one thread: whoever goes on there keeps all others from theirs.
            await Task.Yield();
            return answer;
        }
        catch (Exception error) when (RedisErrors.IsUnavailable(error, cancellationToken))
        {
            throw RedisErrors.ToUnavailable(error, Address);
        }
    }

    /// <summary>Subscribes to a channel; established when the task ends.</summary>
    /// <exception cref="StoreUnavailableException">Redis does not answer.</exception>
    public async Task Subscribe(RedisChannel channel, Action<RedisChannel, RedisValue> handler)
    {
        // Without a connection the client only makes a note, and says that it is done.
        if (_client is not { IsConnected: true } client)
            throw new StoreUnavailableException(Address, "there is no connection.");

        try
        {
            await client.GetSubscriber().SubscribeAsync(channel, handler).ConfigureAwait(false);
        }
        catch (Exception error) when (RedisErrors.IsUnavailable(error, CancellationToken.None))
        {
            throw RedisErrors.ToUnavailable(error, Address);
        }
    }

    /// <summary>Ends a subscription; without a connection it has ended already.</summary>
    public void Unsubscribe(RedisChannel channel, Action<RedisChannel, RedisValue> handler)
    {
        try
        {
            _ = _client?.GetSubscriber().UnsubscribeAsync(channel, handler, CommandFlags.FireAndForget);
        }
        catch
        {
            // A client that has been closed throws whatever comes (1.2.6), and has no subscriptions left.
        }
    }

    /// <summary>Waits, but not beyond the end of the connection.</summary>
    /// <exception cref="OperationCanceledException">The connection has been disposed.</exception>
    public Task Pause(TimeSpan time) => Task.Delay(time, TimeProvider.System, _stopping);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _disposing.CancelAsync().ConfigureAwait(false);
        if (_client is { } client)
            await client.CloseAsync(allowCommandsToComplete: false).ConfigureAwait(false);
        _disposing.Dispose();
    }

    private static Task<T> Cancellable<T>(Task<T> task, CancellationToken cancellationToken) =>
        cancellationToken.CanBeCanceled ? task.WaitAsync(cancellationToken) : task;

    private static string Format(EndPoint endPoint) => endPoint is DnsEndPoint dns ? $"{dns.Host}:{dns.Port}" : $"{endPoint}";

    private async Task<ConnectionMultiplexer> Connect() => Use(await Create().ConfigureAwait(false));

    private async Task<ConnectionMultiplexer> Create()
    {
        try
        {
            var client = await ConnectionMultiplexer.ConnectAsync(_options).ConfigureAwait(false);
            if (!_stopping.IsCancellationRequested)
                return client;
            await client.CloseAsync(allowCommandsToComplete: false).ConfigureAwait(false);
            throw new ObjectDisposedException(nameof(RedisConnection));
        }
        catch (Exception error) when (RedisErrors.IsUnavailable(error, CancellationToken.None))
        {
            throw RedisErrors.ToUnavailable(error, Address);
        }
    }

    private ConnectionMultiplexer Use(ConnectionMultiplexer client)
    {
        // The client has one connection for commands and one for messages; after the later of them both work again.
        client.ConnectionRestored += (_, _) => Restored?.Invoke(this, EventArgs.Empty);
        _ = ReplaceOnceUseless(client);
        return _client = client;
    }

    private async Task ReplaceOnceUseless(ConnectionMultiplexer client)
    {
        ConnectionMultiplexer? other;
        try
        {
            other = await WatchUntilUseless(client).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        Task opening;
        lock (_lock)
        {
            _client = null;
            opening = _opening = other is null ? Connect() : Task.FromResult(Use(other));
        }

        // Whoever waits for an answer now learns that none will come.
        await client.CloseAsync(allowCommandsToComplete: false).ConfigureAwait(false);
        await opening.ConfigureAwait(false);
        Restored?.Invoke(this, EventArgs.Empty);
    }

    /// <summary>Ends when the client is to be replaced.</summary>
    /// <returns>Another one that has a connection, if there is one already.</returns>
    /// <exception cref="OperationCanceledException">The connection has been disposed.</exception>
    private async Task<ConnectionMultiplexer?> WatchUntilUseless(ConnectionMultiplexer client)
    {
        using var timer = new PeriodicTimer(BetweenPings, TimeProvider.System);
        for (var answeredAt = TimeProvider.System.GetTimestamp(); ; await timer.WaitForNextTickAsync(_stopping).ConfigureAwait(false))
        {
            switch (await RedisPing.Send(client).ConfigureAwait(false))
            {
                case Pong.Answer:
                    answeredAt = TimeProvider.System.GetTimestamp();
                    break;
                case Pong.Silence:
                    return null;
                case Pong.Loss when TimeProvider.System.GetElapsedTime(answeredAt) > LongestLoss:
                    if (await FindConnected().ConfigureAwait(false) is { } other)
                        return other;
                    answeredAt = TimeProvider.System.GetTimestamp();
                    break;
            }
        }
    }

    private async Task<ConnectionMultiplexer?> FindConnected()
    {
        try
        {
            var client = await Create().ConfigureAwait(false);
            if (client.IsConnected)
                return client;
            await client.CloseAsync(allowCommandsToComplete: false).ConfigureAwait(false);
        }
        catch (StoreUnavailableException)
        {
            // It is Redis that is away.
        }

        return null;
    }
}
