using System.Diagnostics;

using TasksBus.Tests.Examples;

namespace TasksBus.Tests.Schedules;

/// <summary>A PostgreSQL of the tests' own, from Debian's packages; <c>build/postgresql.sh</c> runs it.</summary>
public sealed class OwnPostgreSql : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tasksbus-postgresql-");

    public string ConnectionString { get; private set; } = "";

    public async Task InitializeAsync() => ConnectionString = (await Run("start")).Trim();

    public async Task DisposeAsync()
    {
        await Run("stop");
        _folder.Delete(recursive: true);
    }

    private async Task<string> Run(string command)
    {
        // The server inherits the output: what it says goes to its log, and the end of the script is what is waited for.
        var start = new ProcessStartInfo(Path.Combine(Repository.Root, "build", "postgresql.sh"), [command, _folder.FullName]) { RedirectStandardOutput = true, UseShellExecute = false };
        using var script = Process.Start(start)!;
        var line = await script.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        await script.WaitForExitAsync().WaitAsync(Patience);
        return script.ExitCode == 0 ? line ?? "" : throw new InvalidOperationException($"postgresql.sh {command} ended with {script.ExitCode}.");
    }
}
