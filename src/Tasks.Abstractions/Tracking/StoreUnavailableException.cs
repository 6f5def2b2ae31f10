namespace TasksBus;

/// <summary>
/// The store does not answer: it is down, restarting, or cannot be reached. What was being written may have been stored or not. The connection
/// comes back by itself, so the same call may be made again.
/// </summary>
/// <param name="address">The store, without its password.</param>
/// <param name="reason">What happened.</param>
/// <param name="innerException">What the client of the store threw.</param>
public sealed class StoreUnavailableException(string address, string reason, Exception? innerException = null)
    : Exception($"The store at {address} does not answer: {reason} Start it, or correct its address; the connection is tried again by itself.", innerException)
{
    /// <summary>The store, without its password.</summary>
    public string Address { get; } = address;
}
