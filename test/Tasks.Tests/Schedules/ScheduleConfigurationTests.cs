using System.Text.Json;
using System.Text.Json.Serialization;

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

using TasksBus.Configuration;

namespace TasksBus.Tests.Schedules;

/// <summary>Schedules from code and configuration.</summary>
public sealed class ScheduleConfigurationTests
{
    [Fact]
    public async Task Schedules_come_from_the_configuration_and_win_over_code()
    {
        const string json = """
            {
              "Schedules": {
                "sum": {
                  "Task": "TasksBus.Tests.Add", "Arguments": { "X": 2, "Y": 3 }, "Cron": "30 2 * * mon-fri", "TimeZone": "Europe/Berlin", "Jitter": "00:00:30",
                  "Excluded": { "Weekdays": [ "Saturday" ], "Dates": [ "2026-12-24" ], "Yearly": [ "2000-12-25" ] }, "Missed": "RunAll", "MissedAfter": "00:05:00",
                  "MaxMissedRuns": 7, "Overlap": "QueueOne", "History": 5, "Queue": "tasks", "Priority": 3, "ExpiresIn": "01:00:00", "Headers": { "tenant": "acme" }
                },
                "month": { "Task": "Elsewhere.Close", "Calendar": { "Unit": "Month", "On": "Weekday", "Number": -1, "At": "18:00" }, "StartAt": "2020-01-01T00:00:00Z", "EndAt": "2090-01-01T00:00:00Z" },
                "often": { "Task": "Elsewhere.Poll", "Every": "00:05:00", "Arguments": { "Sites": [ "a", "b" ] } },
                "dusk": { "Task": "Elsewhere.Light", "Solar": { "Event": "Sunset", "Latitude": 52.5, "Longitude": 13.4 } },
                "later": { "Task": "Elsewhere.Greet", "Once": "2090-01-01T00:00:00Z" }
              }
            }
            """;
        await using var queue = await Start(json, queue => queue.AddSchedule("sum", new Add(9, 9), "0 0 * * *").AddSchedule("code", new Add(1, 1), every: TimeSpan.FromHours(1)));

        var schedules = (await queue.Services.GetRequiredService<ITaskSchedules>().List()).ToDictionary(schedule => schedule.Schedule.Name, schedule => schedule.Schedule);

        Assert.Equal(["code", "dusk", "later", "month", "often", "sum"], schedules.Keys.Order());
        var sum = schedules["sum"];
        Assert.Equal(
            new ScheduleTiming(ScheduleRule.Cron("30 2 * * mon-fri"))
            {
                TimeZone = "Europe/Berlin",
                Jitter = TimeSpan.FromSeconds(30),
                Excluded = new ExcludedDays { Weekdays = [DayOfWeek.Saturday], Dates = [new DateOnly(2026, 12, 24)], Yearly = [new DateOnly(2000, 12, 25)] },
                Missed = MissedRule.RunAll,
                MissedAfter = TimeSpan.FromMinutes(5),
                MaxMissedRuns = 7,
                Overlap = OverlapRule.QueueOne,
                History = 5,
            },
            sum.Timing());
        Assert.Equal(new Add(2, 3), ((Payload)sum.Arguments!).As<Add>());
        Assert.Equal(("tasks", 3, TimeSpan.FromHours(1), "acme"), (sum.Options!.Queue, sum.Options.Priority, sum.Options.ExpiresIn, sum.Options.Headers!["tenant"]));
        Assert.Equal(ScheduleRule.Calendar(CalendarUnit.Month, new TimeOnly(18, 0), CalendarDay.Last(CalendarDayKind.Weekday)), schedules["month"].Rule);
        Assert.Equal(RuleData.Instant("2090-01-01T00:00:00Z"), schedules["month"].EndAt);
        Assert.Equal("""{"Sites":["a","b"]}""", $"{schedules["often"].Arguments}");
        Assert.Equal(ScheduleRule.Solar(SolarEvent.Sunset, 52.5, 13.4), schedules["dusk"].Rule);
    }

    [Fact]
    public async Task A_workflow_in_the_configuration_stands_there_as_the_text_of_its_JSON()
    {
        var workflow = JsonSerializer.Serialize<Workflow>(Workflow.Chain(new Add(1, 2)).Then(sum => new Add(sum, 4)));
        var json = JsonSerializer.Serialize(new { Schedules = new { sums = new { Workflow = workflow, Every = "01:00:00", Headers = new { tenant = "acme" }, Timeout = "00:05:00", Lifetime = "02:00:00" } } });
        await using var queue = await Start(json, queue => queue.UseScheduling());

        var schedules = queue.Services.GetRequiredService<ITaskSchedules>();
        var options = (await schedules.Get("sums"))!.Schedule.WorkflowOptions!;
        var run = await schedules.RunWorkflowNow("sums");

        Assert.Equal(7, await run.Result<int>(TaskQueueFixture.Patience));
        Assert.Equal((TimeSpan.FromMinutes(5), TimeSpan.FromHours(2)), (options.Timeout, options.Lifetime));
    }

    [Fact]
    public async Task Arguments_of_a_task_that_the_scheduler_does_not_know_arrive_as_the_booleans_and_numbers_that_its_worker_wants()
    {
        const string json = """{ "Schedules": { "s": { "Task": "elsewhere", "Every": "01:00:00", "Arguments": { "Deep": true, "Sure": "False", "Count": 3, "Ratio": 0.5, "Tags": [ "true", "7" ] } } } }""";
        var arguments = new TaskCompletionSource<Settings>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var queue = await Start(json, queue => queue.UseScheduling());
        var kept = (Payload)(await queue.Services.GetRequiredService<ITaskSchedules>().Get("s"))!.Schedule.Arguments!;
        await using var worker = await TaskQueueFixture.Start(queue => queue.AddTask((Settings settings) => arguments.TrySetResult(settings), task => task.Name = "elsewhere"));

        await worker.Client.Run("elsewhere", kept);
        var settings = await arguments.Task.WaitAsync(TaskQueueFixture.Patience);

        Assert.Equal((true, false, 3, 0.5, "true 7"), (settings.Deep, settings.Sure, settings.Count, settings.Ratio, string.Join(' ', settings.Tags)));
    }

    [Theory]
    [InlineData("""{ "Schedules": { "s": { "Task": "T", "Cron": "61 * * * *" } } }""", "Schedule 's'", "minute is '61'")]
    [InlineData("""{ "Schedules": { "s": { "Task": "T", "Crom": "* * * * *" } } }""", "Schedules:s:Crom", "Did you mean 'Cron'?")]
    [InlineData("""{ "Schedules": { "s": { "Cron": "* * * * *" } } }""", "Schedules:s", "does not say what to run")]
    [InlineData("""{ "Schedules": { "s": { "Task": "T" } } }""", "Schedules:s", "does not say when")]
    [InlineData("""{ "Schedules": { "s": { "Task": "T", "Cron": "* * * * *", "Every": "00:01:00" } } }""", "Schedules:s", "not two")]
    [InlineData("""{ "Schedules": { "s": { "Task": "T", "Every": "often" } } }""", "Schedules:s:Every", "'often', which is no time. Write 00:00:30")]
    [InlineData("""{ "Schedules": { "s": { "Task": "T", "Every": "30" } } }""", "Schedules:s:Every", "which .NET reads as 30 days")]
    [InlineData("""{ "Schedules": { "s": { "Task": "T", "Solar": "Sunset" } } }""", "Schedules:s:Solar", "where a section stands. It may hold Event, ")]
    [InlineData("""{ "Schedules": { "s": { "Workflow": { "chain": [] }, "Every": "00:01:00" } } }""", "Schedules:s:Workflow", "if it is JSON itself, as the text of that")]
    [InlineData("""{ "Schedules": { "s": { "Task": "T", "Once": "2090-01-01T08:00:00" } } }""", "Schedules:s:Once", "Write 2090-01-01T08:00:00Z for UTC")]
    [InlineData("""{ "Schedules": { "s": { "Task": "T", "Solar": { "Event": "Sunset", "Lat": 52.5, "Longitude": 13.4 } } } }""", "Schedule 's'", "'Lat'")]
    [InlineData("""{ "Schedules": { "s": { "Task": "T", "Solar": { "Event": "Sunset", "Longitude": 13.4 } } } }""", "Schedules:s:Solar", "lacks 'Latitude'")]
    [InlineData("""{ "Schedules": { "s": { "Task": "T", "Calendar": { "Unit": "Month", "Number": -1, "At": "18:00" } } } }""", "Schedules:s:Calendar", "no 'On' that says of what")]
    [InlineData("""{ "Schedules": { "s": { "Task": "T", "Calendar": { "Unit": "Month" } } } }""", "Schedules:s:Calendar", "lacks 'At'")]
    [InlineData("""{ "Schedules": { "s": { "Task": "T", "Every": "00:01:00", "Excluded": { "Weekdays": [ "Satturday" ] } } } }""", "Schedule 's'", "Satturday")]
    [InlineData("""{ "Schedules": { "s": { "Workflow": "{\"chain\":[]}", "Every": "00:01:00" } } }""", "Schedules:s:Workflow", "a chain at least one step")]
    [InlineData("""{ "Schedules": { "s": { "Workflow": "{}", "Queue": "tasks", "Every": "00:01:00" } } }""", "Schedules:s:Queue", "belongs to a task; give the calls")]
    [InlineData("""{ "Schedules": { "s": { "Workflow": "{}", "Arguments": { "X": 1 }, "Every": "00:01:00" } } }""", "Schedules:s:Arguments", "belongs to a task")]
    [InlineData("""{ "Schedules": { "s": { "Task": "T", "Timeout": "01:00:00", "Every": "00:01:00" } } }""", "Schedules:s:Timeout", "belongs to a workflow")]
    [InlineData("""{ "Schedules": { "s": { "Task": "T", "Lifetime": "01:00:00", "Every": "00:01:00" } } }""", "Schedules:s:Lifetime", "belongs to a workflow")]
    [InlineData("""{ "Schedules": { "s": { "Workflow": "{}", "Timeout": "30", "Every": "00:01:00" } } }""", "Schedules:s:Timeout", "which .NET reads as 30 days")]
    [InlineData("""{ "Schedules": { "s": { "Workflow": "{}", "Name": "n", "Every": "00:01:00" } } }""", "Schedules:s:Name", "no part of a schedule")]
    public async Task A_schedule_in_the_configuration_that_cannot_be_stops_the_host_with_its_name(string json, string name, string fault)
    {
        var error = await Assert.ThrowsAsync<TaskQueueConfigurationException>(() => Start(json, queue => queue.UseScheduling()));

        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schedule_in_code_that_cannot_be_stops_the_host_with_its_name()
    {
        var wrong = await Assert.ThrowsAsync<TaskQueueConfigurationException>(() => Start("{}", queue => queue.AddSchedule("s", new Add(1, 1), "* * 32 * *")));
        var twice = await Assert.ThrowsAsync<TaskQueueConfigurationException>(() => Start("{}", queue => queue
            .AddSchedule("s", new Add(1, 1), "* * * * *").AddSchedule("s", new Add(1, 1), "* * * * *")));
        var option = await Assert.ThrowsAsync<TaskQueueConfigurationException>(() => Start("{}", queue => queue.UseScheduling(options => options.Lease = TimeSpan.Zero)));
        var queue = await Assert.ThrowsAsync<TaskQueueConfigurationException>(() => Start("{}", queue => queue
            .AddSchedule("s", new Add(1, 1), "* * * * *", schedule => schedule with { Options = new RunOptions { Queue = "taks" } })));

        Assert.Contains("Schedule 's': Cron expression '* * 32 * *': day of month is '32'", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("Schedule 's' is added 2 times", twice.Message, StringComparison.Ordinal);
        Assert.Contains("ScheduleOptions.Lease is '00:00:00'", option.Message, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'tasks'?", queue.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Putting_a_schedule_that_cannot_be_is_refused()
    {
        await using var queue = await Start("{}", queue => queue.UseScheduling());
        var schedules = queue.Services.GetRequiredService<ITaskSchedules>();

        var field = await Assert.ThrowsAsync<ArgumentException>(() => schedules.Put(new TaskSchedule("s", new Add(1, 1), ScheduleRule.Cron("* 25 * * *"))));
        var over = await Assert.ThrowsAnyAsync<ArgumentException>(() => schedules.Put(new TaskSchedule("s", new Add(1, 1), ScheduleRule.Once(DateTimeOffset.UnixEpoch))));
        var id = await Assert.ThrowsAsync<ArgumentException>(() => schedules.Put(
            new TaskSchedule("s", new Add(1, 1), ScheduleRule.Cron("* * * * *")) { Options = new RunOptions { RunId = Guid.NewGuid() } }));
        var nothing = await Assert.ThrowsAsync<ArgumentException>(() => schedules.Put(new TaskSchedule("s", (ITask)null!, ScheduleRule.Cron("* * * * *"))));
        var name = await Assert.ThrowsAsync<ArgumentException>(() => schedules.Put(new TaskSchedule(" ", new Add(1, 1), ScheduleRule.Cron("* * * * *"))));
        var preview = Assert.Throws<ArgumentException>(() => schedules.Preview(new ScheduleTiming(ScheduleRule.Cron("* 25 * * *")), 3));

        Assert.Contains("hour is '25'", field.Message, StringComparison.Ordinal);
        Assert.Contains("At is '1970-01-01T00:00:00.0000000+00:00'. It may hold an instant after now.", over.Message, StringComparison.Ordinal);
        Assert.Contains("belong to a single run", id.Message, StringComparison.Ordinal);
        Assert.Contains("does not say what to run", nothing.Message, StringComparison.Ordinal);
        Assert.Contains("Give 1 to 200 characters", name.Message, StringComparison.Ordinal);
        Assert.Contains("hour is '25'", preview.Message, StringComparison.Ordinal);
        Assert.Equal(3, schedules.Preview(new ScheduleTiming(ScheduleRule.Cron("* * * * *")), 3).Count);
        await Assert.ThrowsAsync<KeyNotFoundException>(() => schedules.Next("s", 3));
    }

    [Fact]
    public async Task Putting_what_could_never_be_submitted_is_refused_at_once()
    {
        await using var queue = await Start("{}", queue => queue.UseScheduling());
        var schedules = queue.Services.GetRequiredService<ITaskSchedules>();

        var priority = await Refused(Task(new RunOptions { Priority = 10 }));
        var expiry = await Refused(Task(new RunOptions { ExpiresIn = TimeSpan.FromSeconds(1), Delay = TimeSpan.FromSeconds(2) }));
        var header = await Refused(Task(new RunOptions { Headers = new Dictionary<string, string> { ["tenant"] = null! } }));
        var size = await Refused(new TaskSchedule("s", "Elsewhere.Poll", new string('x', 2_000_000), Minutely));
        var workflow = await Refused(Flow(Workflow.Chain(new Work())) with { Options = new RunOptions() });
        var task = await Refused(Task(null) with { WorkflowOptions = new WorkflowOptions() });
        var id = await Refused(Flow(Workflow.Chain(new Work())) with { WorkflowOptions = new WorkflowOptions { WorkflowId = Guid.NewGuid() } });
        var timeout = await Refused(Flow(Workflow.Chain(new Work())) with { WorkflowOptions = new WorkflowOptions { Timeout = TimeSpan.Zero } });
        var twice = await Refused(Flow(Workflow.Group(new Work().ToCall() with { Name = "one" }, new Work().ToCall() with { Name = "one" })));
        var call = await Refused(Flow(new Work().ToCall() with { Options = new RunOptions { Queue = "taks" } }));
        var single = await Refused(Flow(new Work().ToCall() with { Options = new RunOptions { RunId = Guid.NewGuid() } }));
        var all = await Refused(Flow(new Work().ToCall()) with { WorkflowOptions = new WorkflowOptions { Priority = -1 } });
        var large = await Refused(Flow(Workflow.Group(Enumerable.Range(0, 3).Select(_ => new Work(new string('x', 500_000)).ToCall()))));

        Assert.All([priority, expiry, header, size, workflow, task, id, timeout, twice, call, single, all, large], message => Assert.StartsWith("Schedule 's'", message, StringComparison.Ordinal));
        Assert.Contains("Priority is 10. Give 0 (lowest) to 9", priority, StringComparison.Ordinal);
        Assert.Contains("before it may start", expiry, StringComparison.Ordinal);
        Assert.Contains("Headers['tenant'] is null", header, StringComparison.Ordinal);
        Assert.Contains("MaxPayloadSize", size, StringComparison.Ordinal);
        Assert.Contains("in WorkflowOptions", workflow, StringComparison.Ordinal);
        Assert.Contains("but runs a task", task, StringComparison.Ordinal);
        Assert.Contains("an id of its own", id, StringComparison.Ordinal);
        Assert.Contains("Timeout is 00:00:00", timeout, StringComparison.Ordinal);
        Assert.Contains("'one'", twice, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'tasks'?", call, StringComparison.Ordinal);
        Assert.Contains("belong to a single run", single, StringComparison.Ordinal);
        Assert.Contains("Priority is -1", all, StringComparison.Ordinal);
        Assert.Contains("Or schedule a task whose handler composes and submits it", large, StringComparison.Ordinal);

        static TaskSchedule Task(RunOptions? options) => new TaskSchedule("s", new Add(1, 1), Minutely) with { Options = options };
        static TaskSchedule Flow(Workflow workflow) => new("s", workflow, Minutely);
        async Task<string> Refused(TaskSchedule schedule) => (await Assert.ThrowsAnyAsync<ArgumentException>(() => schedules.Put(schedule))).Message;
    }

    [Fact]
    public async Task A_workflow_is_kept_with_its_tasks_as_they_are_called_here()
    {
        await using var queue = await TaskQueueFixture.Start(queue => queue
            .AddTask((Add add) => add.X + add.Y, task => task.Name = "sum")
            .AddSchedule("flow", Workflow.Chain(new Add(1, 2)).Then(sum => new Add(sum, 1)), "0 0 1 1 *", schedule => schedule with { WorkflowOptions = new WorkflowOptions { Priority = 3 } }));
        var schedules = queue.Services.GetRequiredService<ITaskSchedules>();

        var kept = (await schedules.Get("flow"))!.Schedule;
        await schedules.Put(kept with { Name = "copy" });
        var workflow = await schedules.RunWorkflowNow("copy");

        Assert.Equal(4, await workflow.Result<int>(TaskQueueFixture.Patience));
        Assert.Equal(["sum", "sum"], (await workflow.Snapshot()).Steps.Select(step => step.TaskName));
        Assert.Equal((null, null, null, 3), (kept.TaskName, kept.Arguments, kept.Options, kept.WorkflowOptions!.Priority));
    }

    [Fact]
    public async Task Arguments_that_are_written_by_a_converter_of_the_task_queue_are_declared_as_any_others()
    {
        await using var queue = await Start("{}", queue => queue
            .AddTask((Typed _) => { })
            .Configure(options => options.Json = new JsonSerializerOptions(Payload.DefaultOptions) { Converters = { new TypeNames() } })
            .AddSchedule("typed", new Typed(typeof(int)), "0 0 1 1 *").AddSchedule("behind", new Add(1, 2), "0 0 1 1 *"));
        var schedules = queue.Services.GetRequiredService<ITaskSchedules>();

        await Eventually(async () => (await schedules.List()).Count == 2);

        Assert.Equal("""{"type":"System.Int32"}""", $"{(await schedules.Get("typed"))!.Schedule.Arguments}");
    }

    [Fact]
    public async Task Arguments_that_cannot_be_written_stop_the_host_with_the_name_of_their_schedule()
    {
        var task = await Assert.ThrowsAsync<TaskQueueConfigurationException>(() => Start("{}", queue => queue.AddSchedule("typed", new Typed(typeof(int)), "0 0 1 1 *")));
        var workflow = await Assert.ThrowsAsync<TaskQueueConfigurationException>(() => Start("{}", queue => queue.AddSchedule("flow", Workflow.Chain(new Typed(typeof(int))), "0 0 1 1 *")));

        Assert.StartsWith("Schedule 'typed': The arguments of task", task.Message, StringComparison.Ordinal);
        Assert.Contains("Schedule 'flow'", workflow.Message, StringComparison.Ordinal);
    }

    public sealed record Typed(Type Type) : ITask;

    private sealed class TypeNames : JsonConverter<Type>
    {
        public override Type Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Type.GetType(reader.GetString()!)!;

        public override void Write(Utf8JsonWriter writer, Type value, JsonSerializerOptions options) => writer.WriteStringValue(value.FullName);
    }

    public sealed record Settings(bool Deep, bool? Sure, int Count, double? Ratio, IReadOnlyList<string> Tags) : ITask;

    private static ScheduleRule Minutely => ScheduleRule.Cron("* * * * *");

    private static Task<TaskQueueFixture> Start(string json, Action<ITaskQueueBuilder> configure)
    {
        var section = new ConfigurationBuilder().AddJsonStream(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json))).Build();
        return TaskQueueFixture.Start(queue =>
        {
            queue.AddTask((Add add) => add.X + add.Y).Configure(section).UseScheduling();
            configure(queue);
        });
    }
}
