using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

using TasksBus.Client;
using TasksBus.Configuration;

namespace TasksBus.Tests.Configuration;

/// <summary>Where the options of a task come from.</summary>
public sealed class TaskOptionsTests
{
    private static readonly string Resize = TaskName.Of(typeof(ResizeTask));

    [Fact]
    public async Task Options_of_a_task_have_defaults()
    {
        var options = await OptionsOf<Work>(queue => queue.AddTask((Work _) => { }));

        Assert.Equal((TaskName.Of(typeof(Work)), "tasks", 0, 4), (options.Name, options.Queue, options.Priority, options.Retry.MaxAttempts));
        Assert.Equal((TimeSpan.FromHours(24), TimeSpan.FromDays(7)), (options.ResultLifetime, options.FailureLifetime));
        Assert.Equal((true, true, null), (options.KeepArguments, options.KeepResult, options.ExpiresIn));
    }

    [Fact]
    public async Task An_attribute_on_the_arguments_sets_options()
    {
        var options = await OptionsOf<ResizeTask>(queue => queue.AddTask((ResizeTask _) => { }));

        Assert.Equal(("images", 2, 7, false), (options.Queue, options.Priority, options.Retry.MaxAttempts, options.KeepArguments));
        Assert.Equal((TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(60)), (options.Retry.Delay, options.ResultLifetime));
        Assert.Equal(TimeSpan.FromSeconds(90), options.FailureLifetime);
    }

    [Fact]
    public async Task An_attribute_on_the_handler_wins_over_that_on_the_arguments()
    {
        var options = await OptionsOf<ResizeTask>(queue => queue.AddTask<ResizeHandler>());

        Assert.Equal(("slow-images", 2), (options.Queue, options.Priority));
    }

    [Fact]
    public async Task Code_wins_over_attributes()
    {
        var options = await OptionsOf<ResizeTask>(queue => queue.AddTask<ResizeHandler>(task => task.Queue = "code"));

        Assert.Equal(("code", 2), (options.Queue, options.Priority));
    }

    [Fact]
    public async Task The_configuration_wins_over_code()
    {
        var options = await OptionsOf<ResizeTask>(queue => queue
            .AddTask<ResizeHandler>(task =>
            {
                task.Queue = "code";
                task.Priority = 5;
            })
            .Configure(Section(
                ($"Tasks:{Resize}:Queue", "configured"),
                ($"Tasks:{Resize}:Retry:MaxAttempts", "9"),
                ($"Tasks:{Resize}:Retry:Delay", "00:00:00.250"),
                ($"Tasks:{Resize}:Retry:Backoff", "Fixed"),
                ($"Tasks:{Resize}:Retry:NeverOn:0", "System.IO.IOException"),
                ($"Tasks:{Resize}:ExpiresIn", "01:00:00"))));

        Assert.Equal(("configured", 5, 9), (options.Queue, options.Priority, options.Retry.MaxAttempts));
        Assert.Equal((TimeSpan.FromMilliseconds(250), RetryBackoff.Fixed, TimeSpan.FromHours(1)), (options.Retry.Delay, options.Retry.Backoff, options.ExpiresIn));
        Assert.Equal("System.IO.IOException", Assert.Single(options.Retry.NeverOn));
    }

    [Fact]
    public async Task How_handlers_run_can_be_set_for_all_tasks_and_for_each_in_every_form()
    {
        var ofTheQueue = await OptionsOf<Work>(queue => queue.Configure(all => all.Execution = HandlerExecution.OneAtATime).AddTask((Work _) => { }));
        var byAttribute = await OptionsOf<Brew>(queue => queue.AddTask((Brew _) => { }));
        var configured = await OptionsOf<Brew>(queue => queue
            .AddTask((Brew _) => { })
            .Configure(Section(($"Tasks:{TaskName.Of(typeof(Brew))}:Execution", "OneAtATime"), ($"Tasks:{TaskName.Of(typeof(Brew))}:Batch:Size", "20"))));

        Assert.Equal(HandlerExecution.OneAtATime, ofTheQueue.Execution);
        Assert.Equal(HandlerExecution.DedicatedThread, byAttribute.Execution);
        Assert.Equal((HandlerExecution.OneAtATime, 20), (configured.Execution, configured.Batch.Size));
    }

    [Fact]
    public async Task The_configuration_sets_options_of_the_queue()
    {
        await using var queue = await TaskQueueFixture.Start(queue => queue
            .Configure(options => options.WorkerName = "code")
            .Configure(Section(("WorkerName", "configured"), ("Lease", "00:00:07"), ("Queues:0", "images"))));

        Assert.Equal(("configured", TimeSpan.FromSeconds(7)), (queue.Options.WorkerName, queue.Options.Lease));
        Assert.Equal("images", Assert.Single(queue.Options.Queues));
    }

    [Fact]
    public async Task The_default_queue_is_that_of_tasks_that_name_none()
    {
        var options = await OptionsOf<Work>(queue => queue.Configure(all => all.DefaultQueue = "slow").AddTask((Work _) => { }));

        Assert.Equal("slow", options.Queue);
    }

    [Fact]
    public void A_task_that_nobody_has_registered_goes_to_the_default_queue_of_its_own_process()
    {
        var (first, second) = (new UnregisteredTasks(new TaskQueueOptions { DefaultQueue = "first" }), new UnregisteredTasks(new TaskQueueOptions { DefaultQueue = "second" }));

        Assert.Equal(("first", "second"), (first.OptionsOf(typeof(Unregistered)).Queue, second.OptionsOf(typeof(Unregistered)).Queue));
    }

    [Fact]
    public async Task A_task_that_nobody_has_registered_cannot_be_submitted_where_no_other_process_could_run_it()
    {
        await using var queue = await TaskQueueFixture.Start(queue => queue.AddTask((Named _) => { }));

        var error = await Assert.ThrowsAsync<UnknownTaskException>(() => queue.Client.Run(new Unregistered()));

        Assert.Contains($"'{TaskName.Of(typeof(Unregistered))}' is not registered, and its runs wait in the memory of this process", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("Register it with AddTask, or share the queue with its workers by UseRabbitMq.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(Work), "TasksBus.Tests.Work")]
    [InlineData(typeof(ResizeTask), "TasksBus.Tests.Configuration.TaskOptionsTests.ResizeTask")]
    [InlineData(typeof(Import<ResizeTask>), "TasksBus.Tests.Configuration.TaskOptionsTests.Import<TasksBus.Tests.Configuration.TaskOptionsTests.ResizeTask>")]
    [InlineData(typeof(Named), "tidy-up")]
    public void A_task_is_called_what_its_attribute_says_or_by_its_full_name(Type arguments, string name) => Assert.Equal(name, TaskName.Of(arguments));

    [Fact]
    public async Task A_run_by_any_name_of_a_task_that_was_given_another_finds_it()
    {
        await using var queue = await TaskQueueFixture.Start(queue => queue.AddTask((Add task) => task.X + task.Y, task => task.Name = "add"));

        var byName = await queue.Client.Run("add", new { x = 1, y = 2 });
        var byType = await queue.Client.Run(new Add(1, 2));

        Assert.Equal((3, 3), (await byName.Result<int>(TaskQueueFixture.Patience), await byType.Result(TaskQueueFixture.Patience)));
        Assert.Equal("add", (await byType.Snapshot()).TaskName);
    }

    private static async Task<TaskOptions> OptionsOf<TArgs>(Action<ITaskQueueBuilder> configure)
    {
        await using var queue = await TaskQueueFixture.Start(configure);
        return queue.Services.GetRequiredService<TaskCatalogue>().Find(typeof(TArgs))!.Options;
    }

    private static IConfiguration Section(params (string Key, string Value)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(value => KeyValuePair.Create(value.Key, (string?)value.Value))).Build();

    [TaskDefaults(Queue = "images", Priority = 2, MaxAttempts = 7, RetryDelaySeconds = 0.5, ResultLifetimeSeconds = 60, FailureLifetimeSeconds = 90, KeepArguments = false)]
    public sealed record ResizeTask : ITask;

    [TaskDefaults(Name = "tidy-up")]
    public sealed record Named : ITask;

    [TaskDefaults(Execution = HandlerExecution.DedicatedThread)]
    public sealed record Brew : ITask;

    public sealed record Import<T> : ITask;

    public sealed record Unregistered : ITask;

    [TaskDefaults(Queue = "slow-images")]
    public sealed class ResizeHandler : ITaskHandler<ResizeTask>
    {
        public Task Run(ResizeTask task, TaskContext context) => Task.CompletedTask;
    }
}
