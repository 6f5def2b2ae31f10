using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace TasksBus.Tests.Servers;

/// <summary>Stands between a test and a server, so that the server can go away and come back without harm to other tests.</summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly ConcurrentDictionary<TcpClient, byte> _clients = new();
    private readonly IPEndPoint _server;
    private Socket _door;

    public TcpProxy(string host, int port)
    {
        _server = new IPEndPoint(Dns.GetHostAddresses(host, AddressFamily.InterNetwork)[0], port);
        _door = Hold(port: 0);
        Port = ((IPEndPoint)_door.LocalEndPoint!).Port;
    }

    public int Port { get; }

    /// <summary>The server is there.</summary>
    public void Start()
    {
        _door.Listen();
        _ = Accept(_door);
    }

    /// <summary>The server is gone, and its connections with it.</summary>
    public void Stop()
    {
        _door.Dispose();
        Cut();
        _door = Hold(Port);
    }

    /// <summary>Breaks all connections; new ones are welcome.</summary>
    public void Cut()
    {
        foreach (var client in _clients.Keys)
        {
            _clients.TryRemove(client, out _);
            client.Dispose();
        }
    }

    public ValueTask DisposeAsync()
    {
        _door.Dispose();
        Cut();
        return ValueTask.CompletedTask;
    }

    /// <summary>A port that refuses whoever comes, and that nobody else can take.</summary>
    private static Socket Hold(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        return socket;
    }

    private async Task Accept(Socket door)
    {
        try
        {
            while (true)
                _ = Join(new TcpClient { Client = await door.AcceptAsync() });
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Stopped.
        }
    }

    private async Task Join(TcpClient near)
    {
        using var far = new TcpClient { NoDelay = true };
        near.NoDelay = true;
        _clients[near] = 0;
        try
        {
            await far.ConnectAsync(_server);
            _clients[far] = 0;
            await Task.WhenAny(near.GetStream().CopyToAsync(far.GetStream()), far.GetStream().CopyToAsync(near.GetStream()));
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Cut.
        }
        finally
        {
            _clients.TryRemove(near, out _);
            _clients.TryRemove(far, out _);
            near.Dispose();
        }
    }
}
