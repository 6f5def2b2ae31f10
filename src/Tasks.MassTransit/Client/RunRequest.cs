using TasksBus.Configuration;
using TasksBus.Limits;

namespace TasksBus.Client;

/// <summary>Makes a message of what a caller wants to run, and refuses what could never run.</summary>
internal sealed class RunRequest(TaskCatalogue catalogue, TimeProvider clock)
{
    private readonly TaskQueueOptions _options = catalogue.Options;

    /// <param name="task">The options of the task.</param>
    /// <param name="arguments">The arguments.</param>
    /// <param name="options">How the run differs from those of the task.</param>
    /// <param name="isQueueSettled">Whether somebody else has seen to it that its queue is one that is read, though this process may not know it.</param>
    /// <exception cref="ArgumentException">The arguments or the options cannot be.</exception>
    public Submission Create(TaskOptions task, object? arguments, RunOptions? options, bool isQueueSettled = false)
    {
        var now = clock.GetUtcNow();
        var notBefore = Instant(options?.Delay, options?.NotBefore, now, nameof(RunOptions.Delay), nameof(RunOptions.NotBefore));
        var expiresAt = Instant(options?.ExpiresIn, options?.ExpiresAt, now, nameof(RunOptions.ExpiresIn), nameof(RunOptions.ExpiresAt)) ?? now + task.ExpiresIn;
        if (options?.RunId == Guid.Empty)
            throw new ArgumentException($"{nameof(RunOptions.RunId)} is {Guid.Empty}: every run without an id would be the same one. Give an id of its own, or null.", nameof(options));
        if (options?.Delay < TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(options), options.Delay, $"{nameof(RunOptions.Delay)} is {options.Delay}: a run cannot start in the past. Give 0 or more.");
        if (expiresAt <= now)
            throw new ArgumentException($"The run would expire at {expiresAt:O}, which is not later than now ({now:O}). Give it time to start.", nameof(options));
        if (expiresAt <= notBefore)
            throw new ArgumentException($"The run would expire at {expiresAt:O}, before it may start at {notBefore:O}. Let it expire later, or start sooner.", nameof(options));

        if (TimeLimits.Fault(options?.TimeLimit ?? task.TimeLimit ?? _options.TimeLimit, options?.HardTimeLimit ?? task.HardTimeLimit ?? _options.HardTimeLimit) is { } fault)
            throw new ArgumentException(fault, nameof(options));

        var message = new RunMessage
        {
            RunId = options?.RunId ?? Guid.CreateVersion7(now),
            TaskName = task.Name,
            Arguments = Client.Arguments.Serialize(arguments, $"task '{task.Name}'", _options),
            SubmittedAt = now,
            NotBefore = notBefore > now ? notBefore : null,
            ExpiresAt = expiresAt,
            Headers = HeadersOf(options),
            Queue = QueueOf(task, options, isQueueSettled),
            Priority = PriorityOf(options) ?? task.Priority,
            LimitKey = KeyOf(task, arguments, options),
            KeyLimit = KeyLimitOf(options),
            TimeLimit = options?.TimeLimit,
            HardTimeLimit = options?.HardTimeLimit,
        };
        return new Submission(task, message, UniqueKeys.Of(task, catalogue.Find(task.Name)?.ArgumentsType, message.Arguments, options, _options), options?.RunId is not null);
    }

    /// <remarks>Arguments without their type, given with a task's name, show their key to the worker only.</remarks>
    private string? KeyOf(TaskOptions task, object? arguments, RunOptions? options)
    {
        if (options?.LimitKey is { } key)
            return LimitKeys.Valid(key, nameof(RunOptions.LimitKey), nameof(options));
        return catalogue.Find(task.Name)?.ArgumentsType.IsInstanceOfType(arguments) == true ? LimitKeys.Of(task, arguments) : null;
    }

    private static LimitOptions? KeyLimitOf(RunOptions? options)
    {
        if (options?.KeyLimit is not { } limit)
            return null;
        if (OptionsCheck.Fault(limit) is { } fault)
            throw new ArgumentException($"{nameof(RunOptions.KeyLimit)}: {fault}", nameof(options));
        return options.LimitKey is null
            ? throw new ArgumentException($"{nameof(RunOptions.KeyLimit)} is given without a {nameof(RunOptions.LimitKey)}. Say whose limit it is.", nameof(options))
            : limit;
    }

    private static DateTimeOffset? Instant(TimeSpan? span, DateTimeOffset? instant, DateTimeOffset now, string spanName, string instantName)
    {
        if (span is not null && instant is not null)
            throw new ArgumentException($"Both {spanName} ({span}) and {instantName} ({instant:O}) are given. Give one of them.", spanName);
        if (span > DateTimeOffset.MaxValue - now || span < DateTimeOffset.MinValue - now)
            throw new ArgumentOutOfRangeException(spanName, span, $"{spanName} is {span}: no calendar goes that far from now. Give less.");
        return instant ?? now + span;
    }

    private string QueueOf(TaskOptions task, RunOptions? options, bool isSettled)
    {
        var queue = options?.Queue ?? task.Queue ?? _options.DefaultQueue;
        return isSettled || catalogue.Queues.Contains(queue)
            ? queue
            : throw new UnknownQueueException(
                $"Queue '{queue}' is not one of those that this process knows: '{string.Join("', '", catalogue.Queues.Order(StringComparer.Ordinal))}'." +
                $"{NearMiss.For(queue, catalogue.Queues)} Add it to {nameof(TaskQueueOptions)}.{nameof(TaskQueueOptions.Queues)}, or name another.");
    }

    private static int? PriorityOf(RunOptions? options) =>
        options?.Priority is null or (>= 0 and <= 9)
            ? options?.Priority
            : throw new ArgumentOutOfRangeException(nameof(options), options.Priority, $"{nameof(RunOptions.Priority)} is {options.Priority}. Give 0 (lowest) to 9.");

    private static IReadOnlyDictionary<string, string>? HeadersOf(RunOptions? options) =>
        options?.Headers?.FirstOrDefault(header => header.Value is null).Key is { } empty
            ? throw new ArgumentException($"{nameof(RunOptions.Headers)}['{empty}'] is null. Give it a value, or leave it out.", nameof(options))
            : options?.Headers;
}
