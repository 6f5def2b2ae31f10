using System.Diagnostics;

namespace TasksBus.FaultTests;

/// <summary>A worker in a process of its own, and what can be done to it.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly TaskCompletionSource _isStopping = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private WorkerProcess(Process process) => _process = process;

    public static async Task<WorkerProcess> Start(IEnumerable<string> settings)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(FaultWorker.Tick).Assembly.Location, .. settings]) { RedirectStandardOutput = true, UseShellExecute = false };
        var worker = new WorkerProcess(Process.Start(start)!);
        while (await worker._process.StandardOutput.ReadLineAsync().WaitAsync(Patience) is { } line)
        {
            if (line == "ready")
            {
                // What it logs from now on would fill the pipe and hold it up.
                worker.Output = worker.ReadToEnd();
                return worker;
            }
        }

        throw new InvalidOperationException("The worker ended before it was ready.");
    }

    public int ProcessId => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>What it has logged from its start to its end.</summary>
    public Task<string> Output { get; private set; } = Task.FromResult("");

    /// <summary>The memory that it takes, in bytes.</summary>
    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Ends it as a power cut does.</summary>
    public async Task Kill()
    {
        _process.Kill();
        await _process.WaitForExitAsync().WaitAsync(Patience);
    }

    /// <summary>Asks it to stop, as a deployment does.</summary>
    /// <param name="asksTwice">Whether to ask a second time once it has heard of the first.</param>
    /// <returns>How long it took.</returns>
    public async Task<TimeSpan> Stop(bool asksTwice = false)
    {
        var since = Stopwatch.GetTimestamp();
        await Signal("TERM");
        if (asksTwice)
        {
            await _isStopping.Task.WaitAsync(Patience);
            await Signal("TERM");
        }

        await _process.WaitForExitAsync().WaitAsync(Patience);
        return Stopwatch.GetElapsedTime(since);
    }

    /// <summary>Holds it still, with all its connections open.</summary>
    public Task Pause() => Signal("STOP");

    /// <summary>Lets it go on.</summary>
    public Task Resume() => Signal("CONT");

    public async ValueTask DisposeAsync()
    {
        if (!HasExited)
            await Kill();
        _process.Dispose();
    }

    private async Task<string> ReadToEnd()
    {
        var lines = new List<string>();
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            lines.Add(line);
            if (line == "stopping")
                _isStopping.TrySetResult();
        }

        return string.Join('\n', lines);
    }

    private async Task Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
        if (kill.ExitCode != 0)
            throw new InvalidOperationException($"Process {_process.Id} did not get signal {name}.");
    }
}
