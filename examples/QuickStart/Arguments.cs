namespace QuickStart;

/// <summary>What the program is to do, and where its broker and its store are.</summary>
/// <param name="Command">The part of the work.</param>
/// <param name="RunId">The run to follow.</param>
/// <param name="RabbitMq">The address of the broker; null for none.</param>
/// <param name="Redis">The address of the store; null for none.</param>
internal sealed record Arguments(Command Command, Guid RunId, string? RabbitMq, string? Redis)
{
    private const string Commands = "worker, submit or monitor <id>; no command does everything in one process";

    /// <summary>The command line that follows a run from another process.</summary>
    public string CommandLineToMonitor(Guid runId) => $"dotnet run --project examples/QuickStart -- monitor {runId} --rabbitmq {RabbitMq} --redis {Redis}";

    /// <exception cref="UsageException">They cannot be understood.</exception>
    public static Arguments Read(string[] args)
    {
        var words = new Queue<string>();
        string? rabbitMq = null, redis = null;
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--rabbitmq": rabbitMq = ValueOf(args, i++); break;
                case "--redis": redis = ValueOf(args, i++); break;
                case ['-', ..]: throw new UsageException($"There is no option '{args[i]}'. Options: --rabbitmq <uri> --redis <address>.");
                default: words.Enqueue(args[i]); break;
            }
        }

        var command = CommandOf(words);
        var runId = command == Command.Monitor ? RunIdOf(words) : Guid.Empty;
        if (words.TryDequeue(out var superfluous))
            throw new UsageException($"'{superfluous}' is one word too many. Commands: {Commands}.");
        if (rabbitMq is null != redis is null || (command != Command.All && rabbitMq is null))
            throw new UsageException($"{(rabbitMq is null ? "--rabbitmq <uri>" : "--redis <address>")} is missing: processes meet only on a broker and a store that they share.");
        return new Arguments(command, runId, rabbitMq, redis);
    }

    private static string ValueOf(string[] args, int option) =>
        option + 1 < args.Length && !args[option + 1].StartsWith('-')
            ? args[option + 1]
            : throw new UsageException($"{args[option]} has no value. Give one as in --rabbitmq amqp://guest:guest@localhost:5672 --redis localhost:6379.");

    private static Command CommandOf(Queue<string> words) => words.TryDequeue(out var word) ? word switch
    {
        "worker" => Command.Work,
        "submit" => Command.Submit,
        "monitor" => Command.Monitor,
        _ => throw new UsageException($"There is no command '{word}'. Commands: {Commands}."),
    } : Command.All;

    private static Guid RunIdOf(Queue<string> words)
    {
        var word = words.TryDequeue(out var first) ? first : throw new UsageException("monitor has no id. Give the one that submit has printed.");
        return Guid.TryParse(word, out var runId) ? runId : throw new UsageException($"'{word}' is not the id of a run. Give the one that submit has printed.");
    }
}

/// <summary>The parts of the work.</summary>
internal enum Command
{
    /// <summary>All of them.</summary>
    All,

    /// <summary>Run what is submitted.</summary>
    Work,

    /// <summary>Submit a run.</summary>
    Submit,

    /// <summary>Follow a run to its result.</summary>
    Monitor,
}

/// <summary>The command line cannot be understood.</summary>
internal sealed class UsageException(string message) : Exception(message);
