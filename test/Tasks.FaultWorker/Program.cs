using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using Quartz;

using TasksBus;
using TasksBus.FaultWorker;

// A worker of the fault tests: it is killed, stopped and paused. All its settings come from the command line, as in --Prefix test-1 --Lease 00:00:05.
var hoard = new List<byte[]>();
var isReady = new TaskCompletionSource();
var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { Args = args });
builder.Configuration.AddCommandLine(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole(console => console.SingleLine = true);
var ledger = new Ledger(builder.Configuration["Ledger"] ?? builder.Configuration["Redis"]!, builder.Configuration["Prefix"]!);
builder.Services.AddTaskQueue(queue =>
{
    if (builder.Configuration["Scheduler"] == "true")
        queue.UseScheduling();
    if (builder.Configuration["PostgreSql"] is { } database)
        queue.UseQuartzStore(store => store.UsePostgres(database).ProvisionSchema().UseClustering());
});
builder.Services.AddTaskQueue(queue => queue
    .AddTask(async (Tick tick, CancellationToken token) =>
    {
        await Task.Delay(TimeSpan.FromMilliseconds(tick.Milliseconds), token);
        return tick.Index;
    })
    .AddTask(
        async (Visit visit, TaskContext context) =>
        {
            var leave = await ledger.Enter(visit.Room, context.RunId);
            try
            {
                await Task.Delay(TimeSpan.FromMilliseconds(visit.Milliseconds), context.CancellationToken);
                return visit.Index;
            }
            finally
            {
                await leave();
            }
        },
        task => task.MaxLostWorkers = 100)
    .AddTask(void (Fail fail) => throw new RejectTaskException($"{fail.Index} is to fail."))
    .AddTask(
        async (Crash crash) =>
        {
            await isReady.Task;
            Environment.FailFast($"Crash {crash.Index}.");
        },
        task => task.MaxLostWorkers = 3)
    .AddTask((Hoard task) => hoard.Add(Enumerable.Repeat((byte)1, task.Megabytes << 20).ToArray()))
    .AddTask(
        (Hang _) =>
        {
            var thread = new Thread(() => Thread.Sleep(Timeout.Infinite));
            thread.Start();
            thread.Join();
        },
        task => task.Retry.MaxAttempts = 1)
    .AddTask(async (Note note, TaskContext context) =>
    {
        for (var step = 1; step <= note.Steps; step++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100));
            await context.ReportProgress(step, note.Steps, context.Worker);
            try
            {
                await context.SaveData(context.Worker);
            }
            catch (Exception exception) when (exception is StaleAttemptException or OperationCanceledException)
            {
                // By the store, or because the worker has heard meanwhile that the run is another's.
                await ledger.Refuse(context.RunId);
            }
        }

        return context.Worker;
    })
    .AddTask((Block block) => Thread.Sleep(TimeSpan.FromMilliseconds(block.Milliseconds)))
    .Configure(options => builder.Configuration.Bind(options))
    .UseRabbitMq(builder.Configuration["RabbitMq"]!)
    .UseRedis(builder.Configuration["Redis"]!));

builder.Services.AddOptions<HostOptions>().Configure<TaskQueueOptions>((host, queue) => host.ShutdownTimeout = queue.ShutdownTimeout + TimeSpan.FromSeconds(5));

using var host = builder.Build();
host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(() => Console.WriteLine("stopping"));
await host.StartAsync();
Console.WriteLine("ready");
isReady.SetResult();
await host.WaitForShutdownAsync();
