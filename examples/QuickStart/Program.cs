using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using TasksBus;

namespace QuickStart;

/// <summary>A task is known by its arguments, and they name the type of its result.</summary>
public sealed record LongRunningTask(string Name) : ITask<string>;

/// <summary>Does the work, in whatever process has registered it.</summary>
public sealed class LongRunningTaskHandler : ITaskHandler<LongRunningTask, string>
{
    public async Task<string> Run(LongRunningTask task, TaskContext context)
    {
        await context.ReportProgress(0, 100);
        for (var percent = 10; percent <= 100; percent += 10)
        {
            await Task.Delay(TimeSpan.FromSeconds(0.5), context.CancellationToken);
            await context.ReportProgress(percent, 100);
        }

        return $"{task.Name} is done";
    }
}

/// <summary>Submits the task, works on it and follows it: all in this process, or each in a process of its own.</summary>
public static class Program
{
    public static async Task<int> Main(string[] args)
    {
        try
        {
            var arguments = Arguments.Read(args);
            using var host = CreateHost(arguments);
            await host.StartAsync();
            await (arguments.Command switch
            {
                Command.Work => Work(host),
                Command.Submit => Print(await Submit(host), arguments),
                Command.Monitor => Follow(Client(host).Find<string>(arguments.RunId), host),
                _ => Follow(await Submit(host), host),
            });
            await host.StopAsync();
            return 0;
        }
        catch (Exception exception) when (ExitCode.Of(exception) is { } code)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return code;
        }
    }

    private static IHost CreateHost(Arguments arguments)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddTaskQueue(queue =>
        {
            queue.AddTask<LongRunningTaskHandler>();
            queue.Configure(options => options.IsWorker = arguments.Command is Command.Work or Command.All);
            queue.Configure(builder.Configuration.GetSection("TasksBus"));

            // Without these two, everything stays in the memory of this process.
            if (arguments.RabbitMq is not null)
                queue.UseRabbitMq(arguments.RabbitMq);
            if (arguments.Redis is not null)
                queue.UseRedis(arguments.Redis);
        });
        return builder.Build();
    }

    private static async Task Work(IHost host)
    {
        await Console.Out.WriteLineAsync("Waiting for runs; Ctrl+C ends.");
        await host.WaitForShutdownAsync();
    }

    private static Task<TaskHandle<string>> Submit(IHost host) => Client(host).Run(new LongRunningTask("Breakfast"));

    private static async Task Print(TaskHandle run, Arguments arguments)
    {
        await Console.Out.WriteLineAsync(run.RunId.ToString());
        await Console.Out.WriteLineAsync($"Follow it with: {arguments.CommandLineToMonitor(run.RunId)}");
    }

    private static async Task Follow(TaskHandle<string> run, IHost host)
    {
        var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        await ProgressDisplay.Show(run.Watch(stopping));
        var result = await run.Result(cancellationToken: stopping);
        await Console.Out.WriteLineAsync($"Result: {result}");
    }

    private static ITaskClient Client(IHost host) => host.Services.GetRequiredService<ITaskClient>();
}
