using StackExchange.Redis;

namespace TasksBus.Storage;

/// <summary>Who listens to which channels. Safe to share between threads.</summary>
internal sealed class RedisSignals
{
    private readonly Lock _lock = new();
    private readonly Dictionary<RedisChannel, Topic> _topics = [];
    private readonly RedisConnection _connection;

    public RedisSignals(RedisConnection connection)
    {
        _connection = connection;
        connection.Restored += (_, _) => SubscribeAnew();
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
    private void SubscribeAnew()
    {
Console.WriteLine("DBG subscribe anew");
        lock (_lock)
        {
            foreach (var (channel, topic) in _topics)
            {
                _connection.Unsubscribe(channel, topic.Handler);
                topic.Established = _connection.Subscribe(channel, topic.Handler);
                _ = ReportLoss(topic, topic.Established);
            }
        }
    }

    private static async Task ReportLoss(Topic topic, Task established)
    {
        try
        {
            await established.ConfigureAwait(false);
            await Task.WhenAll(topic.Listeners.Select(listener => listener.OnLost())).ConfigureAwait(false);
        }
        catch (Exception e)
        {
 Console.WriteLine("DBG report failed "+e.Message);
            // The connection is lost once more, and we come here again when it is back; what a listener throws is its own affair.
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

        public Task OnLost() => _hasLeft ? Task.CompletedTask : onLost();

        public void OnMessage(byte[] message)
        {
            try
            {
                if (!_hasLeft)
                    onMessage(message);
            }
            catch
            {
                // What one listener throws must not keep the message from the next.
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
