using System.Net;
using System.Net.Sockets;

using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

using TasksBus.Tests.Servers;
using TasksBus.Transport;

namespace TasksBus.Tests.Transport;

/// <summary>Connecting to a broker that is there, and to one that only seems to be.</summary>
public sealed class PromptConnectionTests
{
    [Fact]
    public async Task A_connection_that_nobody_speaks_on_is_given_up()
    {
        using var mute = new TcpListener(IPAddress.Loopback, 0);
        mute.Start();
        var port = ((IPEndPoint)mute.LocalEndpoint).Port;
        var factory = Prompt(new ConnectionFactory { HostName = "127.0.0.1", Port = port, RequestedConnectionTimeout = TimeSpan.FromMilliseconds(100) });

        var error = await Assert.ThrowsAsync<BrokerUnreachableException>(() => factory.CreateConnectionAsync()).WaitAsync(TaskQueueFixture.Patience);

        Assert.Contains($"127.0.0.1:{port} has taken the connection and said nothing for 00:00:00.1", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_was_spoken_on_may_be_silent()
    {
        var limit = TimeSpan.FromSeconds(3);
        var factory = Prompt(new ConnectionFactory { Uri = new Uri(RealServers.RabbitMq), RequestedConnectionTimeout = limit });
        await using var connection = await factory.CreateConnectionAsync();

        await Task.Delay(limit * 2);

        Assert.True(connection.IsOpen);
    }

    private static ConnectionFactory Prompt(ConnectionFactory factory)
    {
        PromptConnection.Require(factory);
        return factory;
    }
}
