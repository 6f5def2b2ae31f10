using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

using TasksBus.Configuration;

namespace TasksBus.Cli.Supervision;

/// <summary><c>tasks supervise</c>: keeps worker processes alive.</summary>
internal sealed class SuperviseCommand : Command
{
    private const int NotFound = 127;
    private const int Most = 1_000;

    private readonly Argument<string[]> _command = new("command") { Description = "What starts a worker, after --, as in: -- dotnet MyWorker.dll", Arity = ArgumentArity.OneOrMore };
    private readonly Option<int?> _workers = Number("--workers", $"How many worker processes, 1 to {Most}. Default: 1", Most);
    private readonly Option<int?> _min = Number("--min", $"With --max: at least so many, 1 to {Most}. Default: 1", Most);
    private readonly Option<int?> _max = Number("--max", "At most so many: their number follows the runs that wait, looked at each second. Needs --redis", Most);
    private readonly Option<int?> _backlog = Number("--backlog", "With --max: so many runs may wait for each worker before there is one more. Default: 10", 100_000);
    private readonly Option<int?> _shrinkAfter = Number("--shrink-after", "With --max: after so many seconds in which no run waited there is one less. Default: 30", 86_400);
    private readonly Option<string[]> _queues = new("--queue") { Description = "With --max: only runs in this queue count; may be given several times. Without it those in all queues count, also if these workers do not read them. Paused queues never do", HelpName = "name" };
    private readonly Option<string?> _redis = new("--redis")
    {
        Description = "With --max: where the runs are kept, as for UseRedis. Default: the environment variable TASKSBUS_REDIS",
        HelpName = "host:port",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("TASKSBUS_REDIS"),
    };

    private readonly Option<int?> _partitions = Number("--redis-partitions", "With --max: as for UseRedis. Default: 1", 1_024);
    private readonly Option<string> _prefix = new("--prefix") { Description = "With --max: as in TaskQueueOptions.Prefix", HelpName = "name", DefaultValueFactory = _ => new TaskQueueOptions().Prefix };
    private readonly Option<int?> _maxRuns = Number("--max-runs", "Replace a worker after so many attempts, once it has finished what it holds", int.MaxValue);
    private readonly Option<long?> _maxMemory = new("--max-memory")
    {
        Description = "Replace a worker that takes more memory, as in 200MB or 1.5GB (1MB or more), once it has finished what it holds",
        HelpName = "size",
        CustomParser = ReadSize,
    };

    private readonly Option<bool> _isolate = new("--isolate") { Description = "Replace a worker with a handler that does not end although its time is over, once it has finished the rest" };
    private readonly Option<int?> _stopTimeout = Number("--stop-timeout", "So many seconds workers have to end before they are killed. Default: 30", 86_400);

    private SuperviseCommand()
        : base("supervise", "Starts worker processes and replaces those that end.")
    {
        Add(_command);
        foreach (var option in new Option[] { _workers, _min, _max, _backlog, _shrinkAfter, _queues, _redis, _partitions, _prefix, _maxRuns, _maxMemory, _isolate, _stopTimeout })
            Add(option);
        SetAction((parsed, _) => Run(parsed));
    }

    public static Command Create() => new SuperviseCommand();

    private async Task<int> Run(ParseResult parsed)
    {
        if (Contradiction(parsed) is { } contradiction)
            return await Fail(contradiction, exitCode: 1).ConfigureAwait(false);
        var words = parsed.GetRequiredValue(_command);
        if (OperatingSystem.IsWindows())
            return await Fail("needs signals, which Windows does not have. Run it on Linux or macOS, or start the workers as services.", exitCode: 1).ConfigureAwait(false);
        if (words[0].StartsWith('-'))
            return await Fail($"has no option '{words[0]}'.{NearMiss.For(words[0], Options.Select(option => option.Name))} Those that there are, --help tells; what starts a worker comes after --.", exitCode: 1).ConfigureAwait(false);
        if (ChildCommand.Find(words[0], Environment.GetEnvironmentVariable("PATH") ?? "") is not { } program)
            return await Fail($"cannot start '{words[0]}': there is no such program that may be run. Give its path, or one that is in PATH, as in: tasks supervise -- dotnet MyWorker.dll", NotFound).ConfigureAwait(false);

        var command = new ChildCommand(program, words[1..], ChildCommand.VariablesFor(parsed.GetValue(_maxRuns), parsed.GetValue(_maxMemory), parsed.GetValue(_isolate)));
        if (parsed.GetValue(_max) is null)
            return await Supervise(parsed, command, backlog: null).ConfigureAwait(false);

        try
        {
            var connection = new TaskQueueConnection(parsed.GetValue(_redis)!, parsed.GetValue(_partitions) ?? 1, parsed.GetRequiredValue(_prefix));
            await using (connection.ConfigureAwait(false))
                return await Supervise(parsed, command, new Backlog(connection.Monitor, connection.Queues, parsed.GetValue(_queues) ?? [])).ConfigureAwait(false);
        }
        catch (TaskQueueConfigurationException exception)
        {
            return await Fail($"cannot count the runs that wait: {exception.Message} Give --redis, --redis-partitions and --prefix as the workers have them.", exitCode: 1).ConfigureAwait(false);
        }
    }

    private async Task<int> Supervise(ParseResult parsed, ChildCommand command, Backlog? backlog)
    {
        using var signals = new StopSignals();
        var output = new Output(Console.Out, Console.Error);
        var watch = backlog is null ? null : new BacklogWatch(backlog, output);
        var supervisor = new Supervisor(command, ScaleOf(parsed), watch, TimeSpan.FromSeconds(parsed.GetValue(_stopTimeout) ?? 30), output, TimeProvider.System);
        await supervisor.Run(signals).ConfigureAwait(false);
        return 0;
    }

    private Autoscale ScaleOf(ParseResult parsed) => parsed.GetValue(_max) is { } max
        ? new Autoscale(parsed.GetValue(_min) ?? 1, max, parsed.GetValue(_backlog) ?? 10, TimeSpan.FromSeconds(parsed.GetValue(_shrinkAfter) ?? 30))
        : Autoscale.Fixed(parsed.GetValue(_workers) ?? 1);

    /// <summary>What is wrong with options that are right one by one; null if nothing is.</summary>
    private string? Contradiction(ParseResult parsed) => (parsed.GetValue(_workers), parsed.GetValue(_min), parsed.GetValue(_max)) switch
    {
        (not null, var min, var max) when (min ?? max) is not null => "got --workers, a fixed number, and --min or --max, its bounds. Give the one or the others.",
        (_, { } min, null) => $"got --min {min} without --max. Give the largest number, too, or --workers {min} for a fixed one.",
        (_, { } min, { } max) when min > max => $"cannot work: --min is {min}, more than --max, {max}. Give less, or --workers for a fixed number.",
        (_, _, not null) when string.IsNullOrWhiteSpace(parsed.GetValue(_redis)) => "needs to know for --max how many runs wait. Give --redis host:port, or set TASKSBUS_REDIS.",
        _ => null,
    };

    private static Option<int?> Number(string name, string description, int most) => new(name)
    {
        Description = description,
        HelpName = "n",
        CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= 1 && value <= most)
                return value;
            result.AddError($"{name} is {result.Tokens[0].Value}. Give 1 to {most}.");
            return null;
        },
    };

    private static long? ReadSize(ArgumentResult result)
    {
        var size = MemorySize.Parse(result.Tokens[0].Value);
        if (size is null or < 1_048_576)
            result.AddError($"--max-memory is '{result.Tokens[0].Value}'. Give a size of 1MB or more, as in 200MB or 1.5GB.");
        return size;
    }

    private static async Task<int> Fail(string fault, int exitCode)
    {
        await Console.Error.WriteLineAsync($"tasks supervise {fault}").ConfigureAwait(false);
        return exitCode;
    }
}
