using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace TasksBus;

/// <summary>The options of a process's part in the task queue. Read once, at start; a bad value stops the host with the option's name.</summary>
public sealed class TaskQueueOptions
{
    /// <summary>The queue of tasks that name none. Default: <c>tasks</c>.</summary>
    [Required, StringLength(200, MinimumLength = 1)]
    public string DefaultQueue { get; set; } = "tasks";

    /// <summary>Which queue tasks belong to that name none: the first that fits counts. Default: none.</summary>
    public IList<QueueRoute> Routes { get; } = [];

    /// <summary>Says the queue of a task that names none and that no route fits, by its name; null: the default queue. Asked once for each task. Default: null.</summary>
    public Func<string, string?>? Router { get; set; }

    /// <summary>
    /// Whether queues are quorum queues, which RabbitMQ keeps on several nodes. The same in every process, for good: a queue cannot change its type.
    /// Priorities then do not count. Default: off.
    /// </summary>
    public bool QuorumQueues { get; set; }

    /// <summary>The queues that this worker reads, in place of those of the tasks that it has handlers for. Default: empty, those.</summary>
    public ICollection<string> ReadQueues { get; } = new SortedSet<string>(StringComparer.Ordinal);

    /// <summary>The queues that this worker does not read, although it has handlers for their tasks. Default: empty.</summary>
    public ICollection<string> SkipQueues { get; } = new SortedSet<string>(StringComparer.Ordinal);

    /// <summary>Queues that this process may submit to, besides the default one and those of its tasks.</summary>
    public ICollection<string> Queues { get; } = new SortedSet<string>(StringComparer.Ordinal);

    /// <summary>How single queues are treated, by their names. Default: all alike.</summary>
    public IDictionary<string, QueueOptions> PerQueue { get; } = new Dictionary<string, QueueOptions>(StringComparer.Ordinal);

    /// <summary><see cref="TaskOptions.Limit"/> of the tasks that this process knows and that say nothing themselves. Default: not limited.</summary>
    public LimitOptions TaskLimit { get; } = new();

    /// <summary><see cref="TaskOptions.KeyLimit"/> of the tasks that this process knows and that say nothing themselves. Default: not limited.</summary>
    public LimitOptions KeyLimit { get; } = new();

    /// <summary>
    /// Whether this process runs the tasks that it has handlers for. Off: it only submits and watches. Default: on.
    /// </summary>
    public bool IsWorker { get; set; } = true;

    /// <summary>
    /// How many attempts run at a time, for each queue; also how many messages are taken from the broker ahead, so that no run waits behind
    /// a busy worker while another is free. 1 to 10,000. Default: 4 for each processor, at least 16.
    /// </summary>
    [Range(1, 10_000)]
    public int Concurrency { get; set; } = Math.Max(16, 4 * Environment.ProcessorCount);

    /// <summary>
    /// The name of this worker in attempts and logs. Another one for each start of each process: of one that starts under the name of one that was killed,
    /// the runs of that wait for the end of their leases. Default: machine name, process id and four random characters.
    /// </summary>
    [Required, StringLength(255, MinimumLength = 1)]
    public string WorkerName { get; set; } = $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..4]}";

    /// <summary>How long a submission may take until the broker has confirmed it. 100 milliseconds to 10 minutes. Default: 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan SubmitTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a worker keeps a run without renewing its claim; it renews four times as often. After that another worker takes the run over, and
    /// whatever the first one writes is refused. 1 second to 1 hour. Default: 20 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary><see cref="TaskOptions.TimeLimit"/> of the tasks that this worker runs and that say nothing themselves. Default: null, none.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "30.00:00:00")]
    public TimeSpan? TimeLimit { get; set; }

    /// <summary><see cref="TaskOptions.HardTimeLimit"/> of the tasks that this worker runs and that say nothing themselves. Default: null, none.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "30.00:00:00")]
    public TimeSpan? HardTimeLimit { get; set; }

    /// <summary><see cref="TaskOptions.Execution"/> of the tasks that say nothing themselves. Default: <see cref="HandlerExecution.Async"/>.</summary>
    [EnumDataType(typeof(HandlerExecution))]
    public HandlerExecution Execution { get; set; } = HandlerExecution.Async;

    /// <summary>
    /// How many attempts at a time run on dedicated threads in this process (<see cref="HandlerExecution.DedicatedThread"/>); those beyond wait, each with a slot
    /// of its queue. 1 to 1,000. Default: one for each processor, at least 4.
    /// </summary>
    [Range(1, 1_000)]
    public int DedicatedThreads { get; set; } = Math.Max(4, Environment.ProcessorCount);

    /// <summary>
    /// How long a handler has to end after its token was cancelled, before it is left behind and its slot is used again. 0 to 1 hour. Default: 3 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan CancellationGrace { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long running attempts may go on once the host stops, before their tokens are cancelled and they are handed to other workers, without
    /// counting as attempts. Below the host's own, <c>HostOptions.ShutdownTimeout</c>, by default 30 seconds: else the worker does not start. Keep it
    /// below together with <see cref="CancellationGrace"/>. 0 to 1 hour. Default: 25 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>
    /// After how many attempts this process is recycled: it takes no more runs, finishes those that it holds, however long they take, and stops its
    /// host, so that whoever started it starts another. 1 or more. Default: null, never. <see cref="WorkerVariables.RecycleAfterRuns"/> wins.
    /// </summary>
    /// <remarks>Nothing is recycled whose runs wait in its own memory: on the in-memory bus, these options do nothing.</remarks>
    [Range(1, int.MaxValue)]
    public int? RecycleAfterRuns { get; set; }

    /// <summary>
    /// Above how many bytes of memory (working set) this process is recycled, as for <see cref="RecycleAfterRuns"/>. Looked at every second, once a
    /// first attempt has ended here. 1 MiB or more; a worker that does nothing takes about 90 MiB. Default: null, never.
    /// <see cref="WorkerVariables.RecycleAboveMemory"/> wins.
    /// </summary>
    [Range(1_048_576, long.MaxValue)]
    public long? RecycleAboveMemory { get; set; }

    /// <summary>
    /// Whether this process is recycled, as for <see cref="RecycleAfterRuns"/>, when a handler that was left behind has still not ended after
    /// another <see cref="CancellationGrace"/>: its process ends with it, since .NET cannot stop a thread. Default: off.
    /// <see cref="WorkerVariables.RecycleWhenLeftBehind"/> wins.
    /// </summary>
    public bool RecycleWhenLeftBehind { get; set; }

    /// <summary>
    /// How long a run of a task that the worker which received it has no handler for is tried again on other workers, before it ends
    /// <see cref="FailureKind.NoHandler"/>: while a new task is rolled out, old and new workers read the same queue. 0 to 7 days; it ends at once in a process that is
    /// all there is. Default: 5 minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00")]
    public TimeSpan UnknownTaskPatience { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The shortest time between two writes of an attempt's progress; reports in between are merged, the latest wins. 0 to 1 minute. Default: 100 milliseconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan ProgressInterval { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest arguments, result or data of a run, in bytes of JSON. 1 KiB to 64 MiB. Default: 1 MiB. For more, store a file and pass its address.</summary>
    [Range(1_024, 67_108_864)]
    public int MaxPayloadSize { get; set; } = 1_048_576;

    /// <summary>How many attempts are remembered with a run, the latest ones. 1 to 100. Default: 10.</summary>
    [Range(1, 100)]
    public int AttemptHistory { get; set; } = 10;

    /// <summary>
    /// Separates task queues that share a broker or a store: begins the names of our own queues and keys. Letters, digits, <c>.</c>, <c>-</c> and <c>_</c>.
    /// Default: <c>tasksbus</c>.
    /// </summary>
    [Required, RegularExpression("^[A-Za-z0-9._-]{1,50}$", ErrorMessage = "Give 1 to 50 letters, digits, '.', '-' and '_'.")]
    public string Prefix { get; set; } = "tasksbus";

    /// <summary>How arguments, results and data are written as JSON. Default: <see cref="Payload.DefaultOptions"/>.</summary>
    [Required]
    public JsonSerializerOptions Json { get; set; } = Payload.DefaultOptions;
}
