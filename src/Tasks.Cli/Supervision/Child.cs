using System.Diagnostics;
using System.Runtime.InteropServices;

namespace TasksBus.Cli.Supervision;

/// <summary>A worker process, from its start to its end.</summary>
internal sealed partial class Child
{
    private const int RememberedErrors = 5;

    /// <summary>A process that the worker has started may hold its output open.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    private readonly Process _process;
    private readonly Queue<string> _errors = new();

    private Child(Process process, int number, Output output, TimeProvider clock)
    {
        _process = process;
        Id = process.Id;
        process.StandardInput.Close();
        Ended = Follow(number, output, clock);
    }

    /// <summary>Its process id.</summary>
    public int Id { get; }

    /// <summary>How it ended, once it has.</summary>
    public Task<ChildEnd> Ended { get; }

    /// <summary>Starts it.</summary>
    /// <param name="command">The command.</param>
    /// <param name="number">Precedes all that it writes.</param>
    /// <param name="output">Where that goes.</param>
    /// <param name="clock">Measures how long it lives.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    public static Child Start(ChildCommand command, int number, Output output, TimeProvider clock)
    {
        var process = Process.Start(command.ToStart())!;
        output.Say($"worker {number} starts, process {process.Id}");
        return new Child(process, number, output, clock);
    }

    /// <summary>Sends it a signal, unless it has ended.</summary>
    public void Send(ChildSignal signal)
    {
        if (Ended.IsCompleted || _process.HasExited)
            return;
        if (signal == ChildSignal.Kill)
            _process.Kill(entireProcessTree: true);
        else
            _ = SendSignal(Id, (int)signal);
    }

    private async Task<ChildEnd> Follow(int number, Output output, TimeProvider clock)
    {
        var startedAt = clock.GetTimestamp();
        var reading = Task.WhenAll(
            Read(_process.StandardOutput, line => output.PassOn(number, line)),
            Read(_process.StandardError, line => PassOnError(number, line, output)));
        await _process.WaitForExitAsync().ConfigureAwait(false);
        var lived = clock.GetElapsedTime(startedAt);
        await reading.WaitAsync(LastWords, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // The process is not disposed: a signal may be on its way to it.
        lock (_errors)
            return new ChildEnd(_process.ExitCode, lived, [.. _errors]);
    }

    private void PassOnError(int number, string line, Output output)
    {
        output.PassOnError(number, line);
        if (string.IsNullOrWhiteSpace(line))
            return;
        lock (_errors)
        {
            if (_errors.Count == RememberedErrors)
                _errors.Dequeue();
            _errors.Enqueue(line.Trim());
        }
    }

    private static async Task Read(StreamReader reader, Action<string> onLine)
    {
        while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
            onLine(line);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SendSignal(int process, int signal);
}

/// <summary>What a worker can be told, by the number of the signal.</summary>
internal enum ChildSignal
{
    /// <summary>SIGHUP: take no more runs, finish what you hold, end.</summary>
    Retire = 1,

    /// <summary>SIGKILL: end.</summary>
    Kill = 9,

    /// <summary>SIGTERM: end within your time; a second one: now.</summary>
    Stop = 15,
}

/// <summary>How a worker process has ended.</summary>
/// <param name="ExitCode">128 and the number of the signal, if a signal has ended it.</param>
/// <param name="Lived">How long it lived.</param>
/// <param name="Errors">The last lines of its error output.</param>
internal sealed record ChildEnd(int ExitCode, TimeSpan Lived, IReadOnlyList<string> Errors)
{
    private const int Signalled = 128;

    /// <summary>For people, as in <c>after 0.4 s with exit code 3</c>.</summary>
    public override string ToString() =>
        $"after {Lived.TotalSeconds:0.#} s " + (ExitCode is > Signalled and < Signalled + 64 ? $"by signal {ExitCode - Signalled}" : $"with exit code {ExitCode}");
}
