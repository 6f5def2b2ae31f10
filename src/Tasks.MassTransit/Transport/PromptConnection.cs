using System.Net.Sockets;

using RabbitMQ.Client;

namespace TasksBus.Transport;

/// <summary>A connection that is given up if the broker does not begin to speak in the time that there is for connecting.</summary>
/// <remarks>
/// RabbitMQ.Client (7.2) waits for the first frame without end. A machine that hangs, or a proxy with nothing behind it, takes a connection and says nothing: a worker that
/// came back there would never consume again. Once the first frame is here, RabbitMQ.Client has limits of its own.
/// </remarks>
internal sealed class PromptConnection(Socket socket, TimeSpan limit) : TcpClientAdapter(socket)
{
    /// <summary>Makes all connections of a factory such ones.</summary>
    public static void Require(ConnectionFactory factory) =>
        factory.SocketFactory = family => new PromptConnection(ConnectionFactoryBase.DefaultSocketFactory(family).Client, factory.RequestedConnectionTimeout);

    public override NetworkStream GetStream() => new PromptStream(Client, limit);

    private sealed class PromptStream(Socket socket, TimeSpan limit) : NetworkStream(socket)
    {
        private bool _hasSpoken;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            _hasSpoken ? base.ReadAsync(buffer, cancellationToken) : ReadFirst(buffer, cancellationToken);

        private async ValueTask<int> ReadFirst(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(limit);
            try
            {
                var count = await base.ReadAsync(buffer, patience.Token).ConfigureAwait(false);
                _hasSpoken = true;
                return count;
            }
            catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
            {
                throw new IOException($"{Socket.RemoteEndPoint} has taken the connection and said nothing for {limit}.", exception);
            }
        }
    }
}
