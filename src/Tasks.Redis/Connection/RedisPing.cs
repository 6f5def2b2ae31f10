using StackExchange.Redis;

namespace TasksBus.Storage;

/// <summary>Asks whether both connections of a client, that for commands and that for messages, are alive.</summary>
internal static class RedisPing
{
    // The client (1.2.6) waits until the network reports that the other side is gone, which Linux does after a quarter of an hour.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(5);

    public static async Task<Pong> Send(ConnectionMultiplexer client)
    {
        try
        {
            var pings = client.GetEndPoints().Select(endPoint => client.GetServer(endPoint).PingAsync()).Append(client.GetSubscriber().PingAsync());
            await Task.WhenAll(pings).WaitAsync(LongestSilence, TimeProvider.System).ConfigureAwait(false);
            return Pong.Answer;
        }
        catch (TimeoutException)
        {
            return Pong.Silence;
        }
        catch (RedisConnectionException)
        {
            return Pong.Loss;
        }
        catch (Exception)
        {
            // One that refuses has answered.
            return Pong.Answer;
        }
    }
}

/// <summary>What comes of a ping.</summary>
internal enum Pong
{
    /// <summary>They are alive.</summary>
    Answer,

    /// <summary>Nothing: the network is gone, or Redis hangs.</summary>
    Silence,

    /// <summary>The client says that one of them is lost.</summary>
    Loss,
}
