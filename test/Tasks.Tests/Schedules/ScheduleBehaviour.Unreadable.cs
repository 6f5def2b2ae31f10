using System.Collections.Concurrent;
using System.Text;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using Quartz;

using TasksBus.Database;
using TasksBus.Nodes;
using TasksBus.Schedules;
using TasksBus.Tracking;

namespace TasksBus.Tests.Schedules;

/// <content>Schedules that cannot be read.</content>
public abstract partial class ScheduleBehaviour
{
    private static readonly int[] LeftAlone = [2103, 2156];

    private static readonly ScheduleRule Quickly = ScheduleRule.Every(TimeSpan.FromMilliseconds(250));

    public static TheoryData<string, string> Damages => new()
    {
        { """{ "group": "tasks", "name": "damaged", """, "property name" },
        { """{ "group": "tasks", "name": "damaged", "definedAt": "yesterday" }""", "could not be converted" },
        { Document(rule: """{ "kind": "lunar", "phase": "full" }"""), "lunar" },
        { Document(rule: """{ "kind": "cron", "expression": "*/90 * * * *" }"""), "minute is '*/90'" },
        { Document(zone: "Europe/Atlantis"), "TimeZone is 'Europe/Atlantis'" },
        { Document(kind: "spell"), "kind 'spell'" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_schedule_that_cannot_be_read_is_told_of_and_left_alone_until_it_is_put_anew_and_the_others_go_on(string document, string reason)
    {
        var (names, logs, id) = (new ConcurrentQueue<string>(), new LogCapture(), ScheduleIds.Of(ScheduleIds.Tasks, "damaged"));
        await using var queue = await Start(queue =>
        {
            queue.AddTask((Work work) => names.Enqueue(work.Name)).UseScheduling();
            queue.Services.AddLogging(logging => logging.AddProvider(logs));
        });
        var schedules = Schedules(queue);
        await schedules.Put(new TaskSchedule("sound", new Work("sound"), Quickly));
        await schedules.Put(new TaskSchedule("damaged", new Work("damaged"), Quickly));
        await Eventually(() => names.Contains("damaged"));

        await Damage(queue, id, document);
        await Eventually(() => logs.Lines.Any(line => LeftAlone.Contains(line.EventId) && line.Message.Contains(id.ToString(), StringComparison.Ordinal)));
        names.Clear();
        await Eventually(() => names.Contains("sound"));
        var error = await Assert.ThrowsAsync<UnreadableScheduleException>(() => schedules.Get("damaged"));
        var unreadable = Assert.Single(await schedules.ListUnreadable());
        var readable = Assert.Single(await schedules.List());
        await schedules.Put(new TaskSchedule("damaged", new Work("repaired"), Quickly));
        await Eventually(() => names.Contains("repaired"));

        Assert.Equal((id, "sound"), (unreadable.Id, readable.Schedule.Name));
        Assert.Contains(reason, unreadable.Reason, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Empty(await schedules.ListUnreadable());
    }

    [Fact]
    public async Task A_schedule_that_cannot_be_read_can_be_removed_by_its_name_or_its_id_and_one_that_can_be_read_only_by_its_name()
    {
        await using var queue = await Start(queue => queue.AddTask((Work _) => { }).UseScheduling());
        var (schedules, ids) = (Schedules(queue), new Dictionary<string, Guid>(StringComparer.Ordinal));
        foreach (var name in (string[])["named", "known by its id", "sound"])
        {
            ids[name] = ScheduleIds.Of(ScheduleIds.Tasks, name);
            await schedules.Put(new TaskSchedule(name, new Work(), ScheduleRule.Cron("0 0 1 1 *")));
        }

        await Damage(queue, ids["named"], "[]");
        await Damage(queue, ids["known by its id"], "[]");
        await Eventually(async () => (await schedules.ListUnreadable()).Count == 2);
        var removed = (await schedules.Remove("named"), await schedules.RemoveUnreadable(ids["known by its id"]), await schedules.RemoveUnreadable(ids["sound"]));

        Assert.Equal((true, true, false), removed);
        Assert.Empty(await schedules.ListUnreadable());
        Assert.Equal("sound", Assert.Single(await schedules.List()).Schedule.Name);
    }

    /// <summary>What is stored of a schedule, changed in one place.</summary>
    private static string Document(string rule = """{ "kind": "cron", "expression": "0 0 * * *" }""", string zone = "UTC", string kind = "run") => $$"""
        {
          "group": "tasks", "name": "damaged", "definedAt": "2026-01-01T00:00:00Z", "changedAt": "2026-01-01T00:00:00Z", "through": "2026-01-01T00:00:00Z", "history": [],
          "timing": { "rule": {{rule}}, "timeZone": "{{zone}}" }, "action": { "kind": "{{kind}}", "content": { "taskName": "work", "arguments": {} } }
        }
        """;

    /// <summary>Writes what another version may have written, and has nodes hear of it.</summary>
    private static async Task Damage(TaskQueueFixture queue, Guid id, string document)
    {
        if (queue.Services.GetRequiredService<IScheduleStore>() is QuartzSchedules)
        {
            var scheduler = await queue.Services.GetRequiredService<QuartzAlarms>().Scheduler;
            await scheduler.AddJob(QuartzAlarms.JobOf(id, new JobDataMap { ["schedule"] = document }), AddJobOptions.Replacing);
            return;
        }

        var store = queue.Services.GetRequiredService<ISagaStores>().Of(ScheduleSaga.Kind);
        SaveResult saved;
        do
        {
            saved = await store.Save(new SagaWrite
            {
                Id = id,
                ExpectedVersion = (await store.Load(id))!.Version,
                Document = Encoding.UTF8.GetBytes(document),
                Indexes = [ScheduleMapping.Index],
                Score = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(),
                Alert = ScheduleMapping.Alert,
            });
        }
        while (!saved.Saved);
    }
}
