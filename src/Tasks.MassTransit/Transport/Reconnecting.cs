using System.Runtime.CompilerServices;

using MassTransit;
using MassTransit.RabbitMqTransport;
using MassTransit.RabbitMqTransport.Configuration;

using RabbitMQ.Client.Exceptions;

namespace TasksBus.Transport;

/// <summary>How soon our own bus is back when its broker is.</summary>
/// <remarks>
/// MassTransit (8.5) waits from 3 up to 30 seconds between two tries, longer after each loss of a connection in the life of the process, however long ago the one before was. It has no
/// option for that, so the policy is replaced where it is kept; a MassTransit that keeps it elsewhere goes on with its own.
/// </remarks>
internal static class Reconnecting
{
    private const int Tries = 1_000;

    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    /// <summary>Lets the bus try again after a second or two, always.</summary>
    public static void TrySoon(RabbitMqHostConfiguration host)
    {
        try
        {
            PolicyOf(host) = Retry.CreatePolicy(retry =>
            {
                retry.Handle<ConnectionException>();
                retry.Handle<AlreadyClosedException>();
                retry.Handle<EndOfStreamException>();
                retry.Handle<OperationInterruptedException>(exception => exception.ChannelShouldBeClosed());
                retry.Handle<NotSupportedException>(exception => exception.Message.Contains("Pipelining of requests forbidden", StringComparison.Ordinal));
                retry.Ignore<AuthenticationFailureException>();
                retry.Exponential(Tries, ShortestWait, LongestWait, ShortestWait);
            });
        }
        catch (MissingFieldException)
        {
            // Kept elsewhere.
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<ReceiveTransportRetryPolicy>k__BackingField")]
    private static extern ref IRetryPolicy PolicyOf(RabbitMqHostConfiguration host);
}
