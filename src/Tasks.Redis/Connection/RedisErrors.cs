using StackExchange.Redis;

namespace TasksBus.Storage;

/// <summary>Which errors mean that Redis does not answer, and will again.</summary>
internal static class RedisErrors
{
    // What Redis says while it starts, fails over, hands keys to another node, is held up by a script, is full, or does not let us in: all
    // that somebody will put right, while the work that was done must not be lost.
    private static readonly string[] Passing =
    [
        "LOADING", "MASTERDOWN", "READONLY", "NOREPLICAS", "CLUSTERDOWN", "TRYAGAIN", "MOVED", "ASK", "BUSY ", "Endpoint ", "OOM", "MISCONF", "NOAUTH", "WRONGPASS", "NOPERM",
    ];

    /// <summary>Whether the same call may succeed later. False for what Redis refuses, and for what the caller has cancelled.</summary>
    public static bool IsUnavailable(Exception error, CancellationToken cancellationToken) => error switch
    {
        RedisConnectionException or TimeoutException or ObjectDisposedException => true,

        // The client cancels commands that it has not sent when the connection breaks.
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        // Before Redis 7 an error inside a script stands behind a minus sign in the script's own error.
        RedisServerException => Passing.Any(start => error.Message.StartsWith(start, StringComparison.Ordinal) || error.Message.Contains("-" + start, StringComparison.Ordinal)),
        _ => false,
    };

    /// <summary>The error, put so that a person knows what to do.</summary>
    public static StoreUnavailableException ToUnavailable(Exception error, string address) => new(
        address,
        error switch
        {
            RedisServerException => error.Message,
            RedisConnectionException connection => $"there is no connection ({connection.FailureType}).",
            TimeoutException => "no answer came in time.",
            _ => "the connection was lost.",
        },
        error);
}
