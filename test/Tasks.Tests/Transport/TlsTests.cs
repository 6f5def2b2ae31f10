using System.Net;
using System.Net.Sockets;

namespace TasksBus.Tests.Transport;

/// <summary>Brokers behind TLS.</summary>
public sealed class TlsTests
{
    private const byte Handshake = 0x16;

    [Theory]
    [InlineData("amqps")]
    [InlineData("rabbitmqs")]
    public async Task A_broker_behind_TLS_is_spoken_to_in_TLS_whatever_its_port(string scheme)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var starting = TaskQueueFixture.Start(queue => queue.UseRabbitMq($"{scheme}://guest:guest@127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"));

        using var connection = await listener.AcceptTcpClientAsync().WaitAsync(TaskQueueFixture.Patience);
        var first = new byte[1];
        await connection.GetStream().ReadExactlyAsync(first).AsTask().WaitAsync(TaskQueueFixture.Patience);

        await using var queue = await starting;
        Assert.Equal(Handshake, first[0]);
    }
}
