using System.Security.Cryptography;

using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

using Quartz;

using TasksBus.Schedules;
using TasksBus.Tests.Servers;

namespace TasksBus.Tests.Schedules;

/// <summary>What is declared in code, from one release of an application to the next.</summary>
public sealed class DeclarationTests : IAsyncLifetime
{
    private const string Yearly = "0 0 1 1 *";

    private readonly string _prefix = $"test-{Guid.NewGuid():N}";
    private readonly FileInfo _file = new(Path.Combine(Path.GetTempPath(), $"schedules-{Guid.NewGuid():N}.db"));

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        SqliteConnection.ClearAllPools();
        _file.Delete();
        await RealServers.DeleteQueues(_prefix, "tasks");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_declaration_of_another_task_or_of_one_that_is_called_otherwise_takes_the_place_of_the_old_one(bool isInDatabase)
    {
        await using (var first = await Start(isInDatabase, new PurgeCarts()))
            await UntilTask(first, "PurgeCarts");
        await using (var second = await Start(isInDatabase, new PurgeOrders()))
            await UntilTask(second, "PurgeOrders");

        await using var third = await Start(isInDatabase, new PurgeOrders(), name => "shop." + name);

        await UntilTask(third, "shop.PurgeOrders");
    }

    /// <remarks>Marks were made of what was declared, without the name of its task.</remarks>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_said_of_a_schedule_at_run_time_outlives_the_release_that_makes_marks_otherwise(bool isInDatabase)
    {
        var declared = new TaskSchedule("cleanup", new PurgeCarts(), ScheduleRule.Cron(Yearly));
        await using (var first = await Start(isInDatabase, new PurgeCarts()))
        {
            await UntilTask(first, "PurgeCarts");
            await Schedules(first).Put(declared with { Rule = ScheduleRule.Cron("0 4 * * *") });
            var former = Convert.ToHexString(SHA256.HashData(Payload.From(declared).Json.Span).AsSpan(0, 16));
            await first.Services.GetRequiredService<IScheduleStore>().Change(
                ScheduleIds.Of(ScheduleIds.Tasks, "cleanup"), stored => stored!.Said(TimeProvider.System.GetUtcNow()) with { Declaration = former }, CancellationToken.None);
        }

        TaskSchedule kept;
        await using (var same = await Start(isInDatabase, new PurgeCarts()))
            kept = (await Schedules(same).Get("cleanup"))!.Schedule;
        await using var next = await Start(isInDatabase, new PurgeOrders());

        Assert.Equal(ScheduleRule.Cron("0 4 * * *"), kept.Rule);
        await UntilTask(next, "PurgeOrders");
    }

    private Task<TaskQueueFixture> Start(bool isInDatabase, ITask task, Func<string, string>? rename = null) => TaskQueueFixture.Start(queue =>
    {
        if (isInDatabase)
            queue.UseQuartzStore(store => store.UseSqlite($"Data Source={_file.FullName}").ProvisionSchema());
        else
            RealServers.Use(queue);
        queue.Configure(options => options.Prefix = _prefix);
        queue.AddTask((PurgeCarts _) => { }, options => options.Name = (rename ?? Same)(nameof(PurgeCarts)));
        queue.AddTask((PurgeOrders _) => { }, options => options.Name = (rename ?? Same)(nameof(PurgeOrders)));
        queue.AddSchedule("cleanup", task, Yearly);

        static string Same(string name) => name;
    });

    private static ITaskSchedules Schedules(TaskQueueFixture queue) => queue.Services.GetRequiredService<ITaskSchedules>();

    private static Task UntilTask(TaskQueueFixture queue, string taskName) => Eventually(async () => (await Schedules(queue).Get("cleanup"))?.Schedule.TaskName == taskName);

    public sealed record PurgeCarts : ITask;

    public sealed record PurgeOrders : ITask;
}
