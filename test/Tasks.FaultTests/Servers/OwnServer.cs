using System.Diagnostics;
using System.Net.Sockets;

using TasksBus.Tests.Examples;
using TasksBus.Tests.Servers;

namespace TasksBus.FaultTests.Servers;

/// <summary>A server of a test's own, to be killed and started again with its data and on its port; <c>build/services.sh</c> runs it, in a folder of its own.</summary>
internal sealed class OwnServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tasksbus-");
    private readonly string _name;

    private OwnServer(string name) => _name = name;

    /// <summary>As a task queue spells it.</summary>
    public string Address { get; private set; } = "";

    public static Task<OwnServer> RabbitMq() => Start("rabbitmq");

    /// <summary>With an append-only file.</summary>
    public static Task<OwnServer> Redis() => Start("redis");

    /// <summary>Starts it again.</summary>
    /// <returns>When its port answered.</returns>
    public async Task<DateTimeOffset> Start()
    {
        var starting = Run("start");
        var openedAt = await WaitForPort();
        await starting;
        return openedAt;
    }

    /// <summary>Changes settings of a RabbitMQ that runs, written in Erlang.</summary>
    public Task Evaluate(string expression) => Run("ctl", "eval", expression);

    /// <summary>What it has logged.</summary>
    public async Task<string> Log()
    {
        var file = _folder.EnumerateFiles($"{_name}.log", SearchOption.AllDirectories).Single();
        using var reader = new StreamReader(new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return await reader.ReadToEndAsync();
    }

    /// <summary>Ends it as a power cut does.</summary>
    public Task Kill() => Signal("KILL");

    /// <summary>Asks it to stop.</summary>
    public Task Stop() => Signal("TERM");

    public async ValueTask DisposeAsync()
    {
        await Kill();
        await Run("stop");
        _folder.Delete(recursive: true);
    }

    private static async Task<OwnServer> Start(string name)
    {
        var server = new OwnServer(name);
        var settings = await server.Run("start");
        server.Address = settings.Split('\n').Single(line => line.StartsWith($"export {VariableOf(name)}=", StringComparison.Ordinal)).Split('=', 2)[1];
        return server;
    }

    private async Task<string> Run(params string[] command)
    {
        var start = new ProcessStartInfo(Path.Combine(Repository.Root, "build", "services.sh"), command) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.Environment["TMPDIR"] = _folder.FullName;

        // What has an address already, the script does not start.
        start.Environment[VariableOf("rabbitmq")] = RealServers.RabbitMq;
        start.Environment[VariableOf("redis")] = RealServers.Redis;
        start.Environment.Remove(VariableOf(_name));
        using var script = Process.Start(start)!;
        var (output, errors) = (script.StandardOutput.ReadToEndAsync(), script.StandardError.ReadToEndAsync());
        await script.WaitForExitAsync().WaitAsync(Patience);
        return script.ExitCode == 0 ? await output : throw new InvalidOperationException($"services.sh {command[0]} failed: {await errors}");
    }

    private async Task Signal(string name)
    {
        var file = _folder.EnumerateFiles($"{_name}.pid", SearchOption.AllDirectories).Single();
        using var server = Process.GetProcessById(int.Parse(await File.ReadAllTextAsync(file.FullName), System.Globalization.CultureInfo.InvariantCulture));
        using var kill = Process.Start("kill", [$"-{name}", $"{server.Id}"]);
        await kill.WaitForExitAsync();
        await server.WaitForExitAsync().WaitAsync(Patience);
    }

    private async Task<DateTimeOffset> WaitForPort()
    {
        var port = int.Parse(Address[(Address.LastIndexOf(':') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync("127.0.0.1", port, patience.Token);
                return TimeProvider.System.GetUtcNow();
            }
            catch (SocketException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), patience.Token);
            }
        }
    }

    private static string VariableOf(string name) => $"TASKSBUS_{name.ToUpperInvariant()}";
}
