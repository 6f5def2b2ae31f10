using System.Diagnostics;
using System.Globalization;

namespace TasksBus.Benchmarks;

/// <summary>CPU time, user and system, of every process that takes part; that of servers is read from /proc, found by the port that they listen on.</summary>
internal sealed class CpuMeter
{
    private readonly Dictionary<string, int> _processes;
    private readonly Dictionary<string, double> _before;

    private CpuMeter(Dictionary<string, int> processes)
    {
        _processes = processes;
        _before = Read();
    }

    public static CpuMeter Start(Bench bench, int? worker)
    {
        var processes = new Dictionary<string, int> { [worker is null ? "process" : "producer"] = Environment.ProcessId };
        if (worker is not null)
            processes["worker"] = worker.Value;
        if (bench.Servers is not null && ListenerOf(new Uri(bench.Servers.RabbitMq).Port is var port && port > 0 ? port : 5672) is { } rabbitMq)
            processes["rabbitmq"] = rabbitMq;
        if (bench.Servers is not null && ListenerOf(int.Parse(bench.Servers.Redis.Split(',')[0].Split(':').ElementAtOrDefault(1) ?? "6379", CultureInfo.InvariantCulture)) is { } redis)
            processes["redis"] = redis;
        return new CpuMeter(processes);
    }

    /// <summary>Milliseconds of CPU since the start, per run, of each process and in total.</summary>
    public IReadOnlyDictionary<string, double> PerRun(int runs)
    {
        var cpu = Read().ToDictionary(process => process.Key, process => Bench.Rounded((process.Value - _before[process.Key]) / runs));
        cpu["total"] = Bench.Rounded(cpu.Values.Sum());
        return cpu;
    }

    private Dictionary<string, double> Read() => _processes.ToDictionary(process => process.Key, process => CpuOf(process.Value));

    /// <summary>The memory that a process holds, in MB; null if it takes no part.</summary>
    public double? ResidentMemory(string name)
    {
        if (!_processes.TryGetValue(name, out var process))
            return null;
        using var handle = Process.GetProcessById(process);
        return handle.WorkingSet64 / 1_048_576.0;
    }

    private static double CpuOf(int process)
    {
        using var handle = Process.GetProcessById(process);
        return handle.TotalProcessorTime.TotalMilliseconds;
    }

    private static int? ListenerOf(int port)
    {
        var inodes = new[] { "/proc/net/tcp", "/proc/net/tcp6" }
            .Where(File.Exists)
            .SelectMany(File.ReadLines)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length > 9 && fields[3] == "0A" && fields[1].EndsWith(":" + port.ToString("X4", CultureInfo.InvariantCulture), StringComparison.Ordinal))
            .Select(fields => $"socket:[{fields[9]}]")
            .ToHashSet();
        return Directory.GetDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var process) ? process : 0)
            .Where(process => process > 0 && Holds(process, inodes))
            .Cast<int?>()
            .FirstOrDefault();
    }

    private static bool Holds(int process, HashSet<string> inodes)
    {
        try
        {
            return Directory.GetFiles($"/proc/{process}/fd").Any(file => new FileInfo(file).LinkTarget is { } target && inodes.Contains(target));
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            // Somebody else's process, or one that has just ended.
            return false;
        }
    }
}
