using System.Diagnostics;
using System.Text.RegularExpressions;
using System.Threading.Channels;

namespace TasksBus.Cli.Tests.Supervision;

/// <summary><c>tasks supervise</c> in a process of its own, and what it and its workers print.</summary>
internal sealed partial class SupervisorProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = SupervisedQueue.Patience;

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly Task _reading;
    private readonly List<int> _workers = [];

    private SupervisorProcess(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(Read(process.StandardOutput), Read(process.StandardError)).ContinueWith(_ => _lines.Writer.Complete(), TaskScheduler.Default);
    }

    /// <summary>Everything that was read of its output, in its order.</summary>
    public List<string> Seen { get; } = [];

    /// <summary>The processes of the workers that it has started, as far as was read, in their order.</summary>
    public IReadOnlyList<int> Workers => _workers;

    /// <summary>Starts it.</summary>
    /// <param name="arguments">What follows <c>supervise</c>.</param>
    public static SupervisorProcess Start(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Cli.Supervision.Supervisor).Assembly.Location, "supervise", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        return new SupervisorProcess(Process.Start(start)!);
    }

    /// <summary>Waits for a line that it has not read yet.</summary>
    public async Task<string> Line(string part)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await foreach (var line in _lines.Reader.ReadAllAsync(patience.Token))
            {
                See(line);
                if (line.Contains(part, StringComparison.Ordinal))
                    return line;
            }
        }
        catch (OperationCanceledException exception)
        {
            throw new TimeoutException($"No line with '{part}' came. It printed:\n{string.Join('\n', Seen)}", exception);
        }

        throw new InvalidOperationException($"It ended without a line with '{part}'. It printed:\n{string.Join('\n', Seen)}");
    }

    /// <summary>Waits for so many lines.</summary>
    public async Task Lines(string part, int count)
    {
        for (var i = 0; i < count; i++)
            await Line(part);
    }

    public Task Signal(string name) => Send(name, _process.Id);

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> End()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        await _reading.WaitAsync(Patience);
        while (_lines.Reader.TryRead(out var line))
            See(line);
        return _process.ExitCode;
    }

    /// <summary>Sends a signal to a process.</summary>
    public static async Task Send(string signal, int process)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{process}"]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>Waits until a process has ended.</summary>
    public static async Task HasEnded(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (ArgumentException)
        {
            // It had already.
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void See(string line)
    {
        Seen.Add(line);
        if (Started.Match(line) is { Success: true } started)
            _workers.Add(int.Parse(started.Groups["id"].Value, System.Globalization.CultureInfo.InvariantCulture));
    }

    private async Task Read(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
            _lines.Writer.TryWrite(line);
    }

    [GeneratedRegex(@"^supervise: worker \d+ starts, process (?<id>\d+)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Started { get; }
}
