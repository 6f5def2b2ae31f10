using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using TasksBus.Configuration;

namespace TasksBus.Tests.Configuration;

/// <summary>What stops a host at its start: the error names the thing, its value, and the way out.</summary>
public sealed class ConfigurationMistakeTests
{
    private static readonly string Sum = TaskName.Of(typeof(Add));

    [Fact]
    public Task A_class_that_handles_no_task() => Stops(
        queue => queue.AddTask<Idler>(),
        $"'{typeof(Idler).FullName}' cannot handle a task", "no public Run", "ITaskHandler<TArgs, TResult>", "Implement one of these");

    [Fact]
    public Task A_handler_that_cannot_be_created() => Stops(
        queue => queue.AddTask(typeof(HandlerRegistrationTests.AbstractWriter)),
        $"'{typeof(HandlerRegistrationTests.AbstractWriter).FullName}' cannot handle a task", "abstract", "Register a class that can be created");

    [Fact]
    public Task A_delegate_without_arguments() => Stops(
        queue => queue.AddTask((TaskContext _) => { }),
        "cannot handle a task", "first parameter must be the arguments", "(Resize task, TaskContext context)");

    [Fact]
    public Task A_delegate_whose_arguments_are_a_text() => Stops(
        queue => queue.AddTask((string _) => { }),
        "cannot handle a task", "String", "a class or record");

    [Fact]
    public Task Two_handlers_of_one_task() => Stops(
        queue => queue.AddTask((Add task) => task.X + task.Y).AddTask((Add task) => task.X - task.Y),
        $"'{Sum}' has 2 handlers", "' and '", "remove the others");

    [Fact]
    public Task A_key_from_arguments_of_another_task() => Stops(
        queue => queue.AddTask((Add task) => task.X + task.Y, task => task.LimitBy<Work>(_ => "all")),
        $"'{Sum}': LimitBy<Work> takes the key from a Work", "the task is a Add", "Call LimitBy<Add>");

    [Fact]
    public Task An_action_for_duplicates_that_there_cannot_be() => Stops(
        queue => queue.AddTask((Add task) => task.X + task.Y, task => task.Unique.OnDuplicate = DuplicateAction.Drop),
        $"'{Sum}': Unique.OnDuplicate is Drop, but Scope is None", "Give Scope as well: ");

    [Fact]
    public Task A_wait_between_attempts_that_is_longer_than_the_longest() => Stops(
        queue => queue.AddTask((Add task) => task.X + task.Y, task => task.Retry.Delay = TimeSpan.FromMinutes(15)),
        $"'{Sum}': Retry.Delay is 00:15:00, longer than MaxDelay, 00:10:00", "Raise MaxDelay");

    [Fact]
    public Task An_exception_that_is_and_is_not_tried_again() => Stops(
        queue => queue.AddTask((Add task) => task.X + task.Y, task => task.Retry.Only<IOException>().Never<IOException>()),
        $"'{Sum}': 'System.IO.IOException' is in OnlyOn and in NeverOn", "Remove it from one");

    [Fact]
    public Task Two_tasks_of_one_name() => Stops(
        queue => queue.AddTask((Add task) => task.X + task.Y, task => task.Name = "same").AddTask((Work _) => { }, task => task.Name = "same"),
        "'same' is that of 2 tasks", typeof(Add).FullName!, typeof(Work).FullName!, $"{nameof(TaskOptions)}.{nameof(TaskOptions.Name)}");

    [Fact]
    public Task A_task_without_a_namespace() => Stops(
        queue => queue.AddTask((Homeless _) => { }),
        $"'{nameof(Homeless)}' is in no namespace", "Move the type into one");

    [Fact]
    public Task A_number_out_of_range() => Stops(
        queue => queue.Configure(options => options.Concurrency = 0),
        $"{nameof(TaskQueueOptions)}.{nameof(TaskQueueOptions.Concurrency)} is '0'", "Give 1 to 10,000.");

    [Fact]
    public Task A_span_out_of_range() => Stops(
        queue => queue.Configure(options => options.Lease = TimeSpan.FromMilliseconds(10)),
        $"{nameof(TaskQueueOptions)}.{nameof(TaskQueueOptions.Lease)} is '00:00:00.0100000'", "Give 00:00:01 to 01:00:00.");

    [Fact]
    public Task A_prefix_that_no_broker_would_take() => Stops(
        queue => queue.Configure(options => options.Prefix = "my queue"),
        $"{nameof(TaskQueueOptions)}.{nameof(TaskQueueOptions.Prefix)} is 'my queue'. Give 1 to 50 letters");

    [Fact]
    public Task A_task_with_an_option_out_of_range() => Stops(
        queue => queue.AddTask((Add task) => task.X + task.Y, task => task.Priority = 10),
        $"Task '{Sum}'", $"{nameof(TaskOptions)}.{nameof(TaskOptions.Priority)} is '10'", "Give 0 to 9.");

    [Fact]
    public Task A_task_with_a_retry_option_out_of_range() => Stops(
        queue => queue.AddTask((Add task) => task.X + task.Y, task => task.Retry.MaxAttempts = 0),
        $"Task '{Sum}'", "TaskOptions.Retry.MaxAttempts is '0'. Give 1 to 100.");

    [Fact]
    public Task A_batch_that_would_never_be_full() => Stops(
        queue => queue.Configure(options => options.Concurrency = 8).AddTask<Sums>(),
        $"Task '{Sum}'", $"{nameof(TaskOptions.Batch)}.{nameof(TaskBatchOptions.Size)} is 10", $"{nameof(TaskQueueOptions.Concurrency)}, 8", "make the batch smaller");

    [Fact]
    public Task A_batch_that_its_own_queue_could_never_fill() => Stops(
        queue => queue.Configure(options => options.PerQueue["tasks"] = new QueueOptions { Concurrency = 4 }).AddTask<Sums>(),
        $"Task '{Sum}'", "Batch.Size is 10, more than PerQueue['tasks'].Concurrency, 4, lets run at a time");

    [Fact]
    public Task A_batch_that_its_limit_could_never_fill() => Stops(
        queue => queue.Configure(options => options.TaskLimit.MaxConcurrent = 5).AddTask<Sums>(),
        $"Task '{Sum}'", "Batch.Size is 10, more than Limit.MaxConcurrent, 5, lets run at a time");

    [Fact]
    public Task A_batch_that_the_limit_of_its_queue_could_never_fill() => Stops(
        queue => queue.Configure(options => options.PerQueue["tasks"] = new QueueOptions { Limit = { MaxConcurrent = 6 } }).AddTask<Sums>(),
        $"Task '{Sum}'", "Batch.Size is 10, more than PerQueue['tasks'].Limit.MaxConcurrent, 6, lets run at a time");

    [Fact]
    public Task A_batch_of_one() => Stops(
        queue => queue.AddTask<Sums>(task => task.Batch.Size = 1),
        $"Task '{Sum}'", "TaskOptions.Batch.Size is '1'. Give 2 to 1,000.");

    [Fact]
    public Task A_class_that_filters_nothing() => Stops(
        queue => queue.AddFilter<Idler>(),
        $"'{typeof(Idler).FullName}' cannot filter tasks", nameof(ITaskFilter), "Implement one of them");

    [Fact]
    public Task A_filter_of_a_task_that_does_not_fit_it() => Stops(
        queue => queue.AddTask((Add task) => task.X + task.Y, task => task.AddFilter<WorkFilter>()),
        $"'{typeof(WorkFilter).FullName}' in {nameof(TaskOptions.Filters)} of task '{Sum}'", "ITaskFilter<Add>", "or remove it");

    [Fact]
    public Task A_way_to_run_handlers_that_there_is_not() => Stops(
        queue => queue.Configure(options => options.Execution = (HandlerExecution)7),
        $"{nameof(TaskQueueOptions)}.{nameof(TaskQueueOptions.Execution)} is '7'. Give Async, DedicatedThread, OneAtATime.");

    [Fact]
    public Task A_configured_value_that_cannot_be_read() => Stops(
        queue => queue.Configure(Section("Concurrency", "many")),
        "'Concurrency' is 'many'", "Write digits alone");

    [Fact]
    public Task A_configured_value_out_of_range() => Stops(
        queue => queue.Configure(Section("AttemptHistory", "1000")),
        $"{nameof(TaskQueueOptions)}.{nameof(TaskQueueOptions.AttemptHistory)} is '1000'. Give 1 to 100.");

    [Fact]
    public Task A_configured_value_of_a_task_that_cannot_be_read() => Stops(
        queue => queue.AddTask((Add task) => task.X + task.Y).Configure(Section($"Tasks:{Sum}:Retry:Delay", "soon")),
        "'soon'", $"Tasks:{Sum}:Retry:Delay");

    [Fact]
    public Task A_configured_value_of_a_task_out_of_range() => Stops(
        queue => queue.AddTask((Add task) => task.X + task.Y).Configure(Section($"Tasks:{Sum}:Retry:MaxAttempts", "101")),
        $"Task '{Sum}'", "TaskOptions.Retry.MaxAttempts is '101'. Give 1 to 100.");

    [Theory]
    [InlineData("Lease", "30", "'Lease' is '30', which .NET reads as 30 days. Write 00:00:30 for 30 seconds, 30.00:00:00 for 30 days.")]
    [InlineData("Tasks:TasksBus.Tests.Add:TimeLimit", "5", "'Tasks:TasksBus.Tests.Add:TimeLimit' is '5', which .NET reads as 5 days. Write 00:00:05")]
    [InlineData("Tasks:TasksBus.Tests.Add:Retry:Delay", "-1", "'Tasks:TasksBus.Tests.Add:Retry:Delay' is '-1', which .NET reads as -1 days.")]
    public Task A_span_that_is_a_number_alone(string key, string value, string expected) => Stops(
        queue => queue.AddTask((Add task) => task.X + task.Y).Configure(Section(key, value)),
        expected);

    [Theory]
    [InlineData("Lease", "30s", "'Lease' is '30s', which is no time. Write 00:00:30 for 30 seconds, 1.00:00:00 for a day.")]
    [InlineData("Concurrency", "9999999999", "'Concurrency' is '9999999999', which is no whole number of its range.")]
    [InlineData("QuorumQueues", "on", "'QuorumQueues' is 'on', which is no truth value. Write true or false.")]
    [InlineData("Tasks:TasksBus.Tests.Add:Retry:Backoff", "Linear", "'Tasks:TasksBus.Tests.Add:Retry:Backoff' is 'Linear', which is no RetryBackoff. Write one of Fixed, Exponential.")]
    [InlineData("Queues", "reports", "'Queues' is 'reports', where several stand. Write a section with an entry for each, in JSON an array")]
    [InlineData("Tasks", "x", "'Tasks' is 'x', where a section stands.")]
    [InlineData("Tasks:TasksBus.Tests.Add:Retry", "3", "'Tasks:TasksBus.Tests.Add:Retry' is '3', where a section stands. It may hold MaxAttempts, ")]
    [InlineData("Tasks:TasksBus.Tests.Add:LimitKey", "tenant", "'Tasks:TasksBus.Tests.Add:LimitKey' is 'tenant', where a function stands. Set it in code.")]
    [InlineData("Lease:Seconds", "30", "'Lease' is a section, where one value stands.")]
    public Task A_value_that_cannot_be_read(string key, string value, string expected) => Stops(
        queue => queue.AddTask((Add task) => task.X + task.Y).Configure(Section(key, value)),
        expected);

    [Fact]
    public Task A_configured_task_that_is_not_registered() => Stops(
        queue => queue.AddTask((Add task) => task.X + task.Y).Configure(Section("Tasks:TasksBus.Tests.Ad:Queue", "sums")),
        "'Tasks:TasksBus.Tests.Ad'", "not registered", $"Did you mean '{Sum}'?", "Register the task or remove the section");

    [Fact]
    public Task A_configured_option_that_does_not_exist() => Stops(
        queue => queue.Configure(Section("Concurency", "8")),
        $"'Concurency' is no option of {nameof(TaskQueueOptions)}", "Did you mean 'Concurrency'?", "Correct its name or remove it");

    [Fact]
    public Task A_configured_option_of_a_task_that_does_not_exist() => Stops(
        queue => queue.AddTask((Add task) => task.X + task.Y).Configure(Section($"Tasks:{Sum}:Retry:MaxAtempts", "5")),
        $"'Tasks:{Sum}:Retry:MaxAtempts' is no option of {nameof(RetryOptions)}", "Did you mean 'MaxAttempts'?");

    [Fact]
    public Task A_backoff_that_does_not_exist() => Stops(
        queue => queue.AddTask((Add task) => task.X + task.Y, task => task.Retry.Backoff = (RetryBackoff)7),
        $"Task '{Sum}'", "TaskOptions.Retry.Backoff is '7'. Give Fixed, Exponential.");

    [Fact]
    public Task A_handler_that_returns_something_else_than_its_callers_expect() => Stops(
        queue => queue.AddTask((Add task) => $"{task.X + task.Y}"),
        $"cannot handle task '{typeof(Add).FullName}'", "expect a 'System.Int32'", "returns a 'System.String'");

    [Fact]
    public Task A_handler_without_the_result_that_its_callers_expect() => Stops(
        queue => queue.AddTask<Mute>(),
        $"'{typeof(Mute).FullName}' cannot handle task '{typeof(Add).FullName}'", "it returns nothing");

    [Fact]
    public Task A_hard_time_limit_shorter_than_the_soft_one() => Stops(
        queue => queue.AddTask((Work _) => { }, task => (task.TimeLimit, task.HardTimeLimit) = (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1))),
        $"Task '{TaskName.Of(typeof(Work))}'", "HardTimeLimit is 00:00:01, shorter than TimeLimit, 00:00:02", "Give it more");

    [Fact]
    public Task A_handler_that_names_its_task() => Stops(
        queue => queue.AddTask<Namer>(),
        $"'{typeof(Namer).FullName}' names its task 'mine'", "Move Name to the arguments", typeof(Add).FullName!);

    [Theory]
    [InlineData("http://localhost")]
    [InlineData("localhost")]
    [InlineData("")]
    public Task An_address_that_is_not_that_of_a_broker(string uri) => Stops(
        queue => queue.UseRabbitMq(uri),
        $"'{uri}' is not the address of a RabbitMQ broker", "amqp://user:password@host:5672/vhost");

    [Fact]
    public Task A_worker_that_wants_more_time_to_stop_than_its_host_has() => Stops(
        queue => queue.Configure(options => options.ShutdownTimeout = TimeSpan.FromMinutes(1)),
        "TaskQueueOptions.ShutdownTimeout is '00:01:00', but the host gives up stopping after '00:00:30'", "Raise that of the host", "services.Configure<HostOptions>", "or lower ShutdownTimeout.");

    [Theory]
    [InlineData(false, 30)]
    [InlineData(true, 61)]
    [InlineData(true, -0.001)]
    public async Task The_time_to_stop_stops_no_client_and_no_worker_whose_host_has_more(bool isWorker, double hostSeconds)
    {
        await using var queue = await TaskQueueFixture.Start(
            queue => queue.AddTaskType<Add>().Configure(options => (options.IsWorker, options.ShutdownTimeout) = (isWorker, TimeSpan.FromMinutes(1))),
            services => services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(hostSeconds)));

        Assert.Equal(TimeSpan.FromMinutes(1), queue.Options.ShutdownTimeout);
    }

    private static async Task Stops(Action<ITaskQueueBuilder> configure, params string[] parts)
    {
        var error = await Assert.ThrowsAsync<TaskQueueConfigurationException>(async () =>
        {
            await using var queue = await TaskQueueFixture.Start(configure);
        });

        Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    private static IConfiguration Section(string key, string value) =>
        new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create(key, (string?)value)]).Build();

    public sealed class Mute : ITaskHandler<Add>
    {
        public Task Run(Add task, TaskContext context) => Task.CompletedTask;
    }

    [TaskDefaults(Name = "mine")]
    public sealed class Namer : ITaskHandler<Add, int>
    {
        public Task<int> Run(Add task, TaskContext context) => Task.FromResult(task.X + task.Y);
    }

    public sealed class Sums : ITaskBatchHandler<Add, int>
    {
        public Task Run(IReadOnlyList<TaskBatchItem<Add, int>> items, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    public sealed class WorkFilter : ITaskFilter<Work>
    {
        public Task<object?> Run(Work task, TaskContext context, Func<Task<object?>> next) => next();
    }

    public sealed class Idler
    {
        public void Run() => GC.KeepAlive(this);
    }
}
