using StackExchange.Redis;

namespace TasksBus.Storage;

/// <summary>Who listens to which channels. Safe to share between threads.</summary>
internal sealed class RedisSignals
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<RedisChannel, Topic> _topics = [];
    private readonly RedisConnection _connection;

    public RedisSignals(RedisConnection connection)
    {
        _connection = connection;
        connection.Restored += (_, _) => RenewAll();
    }

    /// <summary>Calls <paramref name="onMessage"/> for each message, of one channel in order, until disposed. Established when this returns.</summary>
    /// <param name="channels">The names of the channels.</param>
    /// <param name="onMessage">What to call; on another thread.</param>
    /// <param name="onLost">What to call once the connection is back, as messages were lost while it was not.</param>
    /// <exception cref="StoreUnavailableException">Redis does not answer.</exception>
    public async Task<IAsyncDisposable> Listen(
        IEnumerable<byte[]> channels, Action<byte[]> onMessage, Func<Task> onLost, CancellationToken cancellationToken)
    {
        var listener = new Listener(this, [.. channels.Select(name => new RedisChannel(name, RedisChannel.PatternMode.Literal))], onMessage, onLost);
        try
        {
            await _connection.Open(cancellationToken).ConfigureAwait(false);
            await Task.WhenAll(Join(listener)).WaitAsync(cancellationToken).ConfigureAwait(false);
            return listener;
        }
        catch
        {
            Leave(listener);
            throw;
        }
    }

    // One subscription a channel, and all its listeners wait for it: the client would confirm a second one before the first is established.
    private List<Task> Join(Listener listener)
    {
        lock (_lock)
        {
            var established = new List<Task>();
            foreach (var channel in listener.Channels)
            {
                if (!_topics.TryGetValue(channel, out var topic))
                {
                    _topics.Add(channel, topic = new Topic());
                    topic.Established = _connection.Subscribe(channel, topic.Handler);
                }

                topic.Listeners = [.. topic.Listeners, listener];
                established.Add(topic.Established);
            }

            return established;
        }
    }

    private void Leave(Listener listener)
    {
        lock (_lock)
        {
            foreach (var channel in listener.Channels)
            {
                if (!_topics.TryGetValue(channel, out var topic))
                    continue;

                topic.Listeners = [.. topic.Listeners.Where(other => other != listener)];
                if (topic.Listeners.Length == 0)
                {
                    _topics.Remove(channel);
                    _connection.Unsubscribe(channel, topic.Handler);
                }
            }
        }
    }

    // The client subscribes again by itself, but does not tell when that is done, and not after its connection was replaced.
    private void RenewAll()
    {
        lock (_lock)
        {
            foreach (var (channel, topic) in _topics)
                _ = Renew(channel, topic, ++topic.Renewals);
        }
    }

    private async Task Renew(RedisChannel channel, Topic topic, int renewal)
    {
        while (TrySubscribeAnew(channel, topic, renewal))
        {
            try
            {
                await topic.Established.ConfigureAwait(false);
                await Task.WhenAll(topic.Listeners.Select(listener => listener.OnLost())).ConfigureAwait(false);
                return;
            }
            catch (StoreUnavailableException)
            {
                // The client reports that the connection is back a moment before it is.
                await _connection.Pause(BetweenTries).ConfigureAwait(false);
            }
        }
    }

    private bool TrySubscribeAnew(RedisChannel channel, Topic topic, int renewal)
    {
        lock (_lock)
        {
            if (topic.Listeners.Length == 0 || topic.Renewals != renewal)
                return false;

            _connection.Unsubscribe(channel, topic.Handler);
            topic.Established = _connection.Subscribe(channel, topic.Handler);
            return true;
        }
    }

    private sealed class Topic
    {
        private volatile Listener[] _listeners = [];

        public Topic() => Handler = (_, message) =>
        {
            foreach (var listener in _listeners)
                listener.OnMessage((byte[])message);
        };

        public Action<RedisChannel, RedisValue> Handler { get; }

        public Task Established { get; set; } = Task.CompletedTask;

        public int Renewals { get; set; }

        public Listener[] Listeners
        {
            get => _listeners;
            set => _listeners = value;
        }
    }

    private sealed class Listener(RedisSignals owner, RedisChannel[] channels, Action<byte[]> onMessage, Func<Task> onLost) : IAsyncDisposable
    {
        private volatile bool _hasLeft;

        public IReadOnlyList<RedisChannel> Channels => channels;

        // What one listener throws must not keep the message from the next.
        public void OnMessage(byte[] message)
        {
            try
            {
                if (!_hasLeft)
                    onMessage(message);
            }
            catch
            {
            }
        }

        public async Task OnLost()
        {
            try
            {
                if (!_hasLeft)
                    await onLost().ConfigureAwait(false);
            }
            catch (Exception error) when (error is not StoreUnavailableException)
            {
            }
        }

        public ValueTask DisposeAsync()
        {
            _hasLeft = true;
            owner.Leave(this);
            return ValueTask.CompletedTask;
        }
    }
}
