using System.Diagnostics;
using System.Threading.Channels;

namespace TasksBus.Tests.Examples;

/// <summary>A process whose output is read line by line, within deadlines. Disposing ends it.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Channel<string> _output = Channel.CreateUnbounded<string>();
    private readonly List<string> _seen = [];
    private readonly Task<string> _errors;

    private RunningProgram(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
        _ = ReadOutput();
    }

    /// <summary>Starts <c>dotnet</c>.</summary>
    public static RunningProgram Dotnet(IEnumerable<string> arguments, string? folder = null, IEnumerable<KeyValuePair<string, string>>? environment = null) =>
        Start("dotnet", arguments, folder, environment);

    /// <summary>Starts <c>dotnet</c> for somebody who types.</summary>
    public static RunningProgram DotnetWithInput(params IEnumerable<string> arguments) => Start("dotnet", arguments, folder: null, environment: null, hasInput: true);

    /// <summary>Starts <c>dotnet</c> in a terminal.</summary>
    public static RunningProgram DotnetInTerminal(string arguments) =>
        Start("script", ["--quiet", "--return", "--command", $"dotnet {arguments}", "/dev/null"], folder: null, [new("TERM", "xterm")]);

    private static RunningProgram Start(string program, IEnumerable<string> arguments, string? folder, IEnumerable<KeyValuePair<string, string>>? environment, bool hasInput = false)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder ?? Path.GetTempPath(),
            RedirectStandardInput = hasInput,
            RedirectStandardOutput = true,
            UseShellExecute = false,
            RedirectStandardError = true,
        };

        // The test host's own settings would lead another build astray, and a server that stays behind would keep the output open.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_NOLOGO"] = "1";
        foreach (var (name, value) in environment ?? [])
            start.Environment[name] = value;
        return new RunningProgram(Process.Start(start)!);
    }

    /// <summary>Gives it a line of input.</summary>
    public async Task Type(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Waits for a line.</summary>
    /// <returns>It.</returns>
    public async Task<string> Line(Func<string, bool> isIt, TimeSpan deadline)
    {
        using var cancelled = new CancellationTokenSource(deadline);
        try
        {
            await foreach (var line in _output.Reader.ReadAllAsync(cancelled.Token))
            {
                _seen.Add(line);
                if (isIt(line))
                    return line;
            }
        }
        catch (OperationCanceledException exception)
        {
            throw new TimeoutException($"The line did not come within {deadline}. {Heard()}", exception);
        }

        throw new InvalidOperationException($"The program ended without the line. {Heard()}\n{await _errors}");
    }

    /// <summary>Waits for the end.</summary>
    public async Task<Ending> End(TimeSpan deadline)
    {
        using var cancelled = new CancellationTokenSource(deadline);
        try
        {
            await foreach (var line in _output.Reader.ReadAllAsync(cancelled.Token))
                _seen.Add(line);
            await _process.WaitForExitAsync(cancelled.Token);
        }
        catch (OperationCanceledException exception)
        {
            throw new TimeoutException($"The program did not end within {deadline}. {Heard()}", exception);
        }

        return new Ending(_process.ExitCode, _seen, await _errors);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task ReadOutput()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
            _output.Writer.TryWrite(line);
        _output.Writer.Complete();
    }

    private string Heard() => $"It printed:\n{string.Join('\n', _seen)}";
}

/// <summary>How a program ended.</summary>
/// <param name="Code">Its exit code.</param>
/// <param name="Lines">All that it printed.</param>
/// <param name="Errors">All that it printed as errors.</param>
internal sealed record Ending(int Code, IReadOnlyList<string> Lines, string Errors);
