using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using TasksBus;

namespace NightlyReport;

/// <summary>What appsettings.json has run every night.</summary>
public sealed record Report(string Of) : ITask<string>;

/// <summary>Makes the report.</summary>
public sealed class ReportHandler : ITaskHandler<Report, string>
{
    public Task<string> Run(Report task, TaskContext context)
    {
        Console.WriteLine($"Report of {task.Of} for {context.Headers.GetValueOrDefault(ScheduleHeaders.Instant)}");
        return Task.FromResult($"{task.Of}.pdf");
    }
}

/// <summary>
/// A schedule from the configuration, shown, and changed while it runs: every line of the input is a command. With --redis and --rabbitmq several
/// processes share it: one acts, another takes over when that one ends.
/// </summary>
public static class Program
{
    private const string Name = "nightly-report";

    public static async Task Main(string[] args)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddTaskQueue(queue =>
        {
            queue.AddTask<ReportHandler>().Configure(builder.Configuration.GetSection("TasksBus")).UseScheduling();
            if (builder.Configuration["rabbitmq"] is { } rabbitMq)
                queue.UseRabbitMq(rabbitMq);
            if (builder.Configuration["redis"] is { } redis)
                queue.UseRedis(redis);
        });

        using var host = builder.Build();
        await host.StartAsync();
        var schedules = host.Services.GetRequiredService<ITaskSchedules>();
        Console.WriteLine("Commands: show, cron <expression>, every <seconds>, pause, resume, now, quit");
        await Show(schedules);
        while (await Console.In.ReadLineAsync() is { } line && line != "quit")
            await Obey(line, schedules);
        await host.StopAsync();
    }

    private static async Task Obey(string line, ITaskSchedules schedules)
    {
        try
        {
            await (line.Split(' ', 2) switch
            {
                ["show"] => Show(schedules),
                ["cron", var expression] => Change(schedules, ScheduleRule.Cron(expression)),
                ["every", var seconds] => Change(schedules, ScheduleRule.Every(TimeSpan.FromSeconds(double.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture)))),
                ["pause"] => schedules.Pause(Name),
                ["resume"] => schedules.Resume(Name),
                ["now"] => Now(schedules),
                _ => Console.Out.WriteLineAsync($"There is no command '{line}'."),
            });
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            Console.WriteLine(exception.Message);
        }
    }

    private static async Task Change(ITaskSchedules schedules, ScheduleRule rule)
    {
        var report = await schedules.Get(Name) ?? throw new InvalidOperationException($"There is no schedule {Name}.");
        await schedules.Put(report.Schedule with { Rule = rule });
        await Show(schedules);
    }

    private static async Task Now(ITaskSchedules schedules)
    {
        var run = await schedules.RunNow(Name);
        Console.WriteLine($"Result: {await run.Result<string>()}");
    }

    private static async Task Show(ITaskSchedules schedules)
    {
        var report = await schedules.Get(Name) ?? throw new InvalidOperationException($"There is no schedule {Name}.");
        Console.WriteLine($"{Name}: {report.Schedule.Rule} in {report.Schedule.TimeZone}{(report.IsPaused ? ", paused" : "")}; last: {report.Last?.At:u}");
        foreach (var instant in await schedules.Next(Name, 3))
            Console.WriteLine($"  {instant:u}");
    }
}
