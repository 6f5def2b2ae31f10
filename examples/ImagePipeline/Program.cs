using System.Globalization;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

using TasksBus;

namespace ImagePipeline;

/// <summary>
/// Turns an image into an old photograph of it, tile by tile: <c>ImagePipeline --image photo.jpg --into old.png --columns 4 --rows 3</c>, all of which may be left out.
/// With --rabbitmq and --redis, other processes that run it take a share of the tiles, if they see the same files.
/// </summary>
public static class Program
{
    public static async Task<int> Main(string[] args)
    {
        var builder = Host.CreateApplicationBuilder(args);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddTaskQueue(queue =>
        {
            // Pixels keep a processor busy: handlers have threads of their own.
            queue.AddTask<SplitHandler>().AddTask<ToneHandler>().AddTask<JoinHandler>().Configure(options => options.Execution = HandlerExecution.DedicatedThread);
            if (builder.Configuration["rabbitmq"] is { } rabbitMq)
                queue.UseRabbitMq(rabbitMq);
            if (builder.Configuration["redis"] is { } redis)
                queue.UseRedis(redis);
        });

        using var host = builder.Build();
        var target = Path.GetFullPath(builder.Configuration["into"] ?? "old-photograph.png");
        var source = Path.GetFullPath(builder.Configuration["image"] ?? Paint(Path.ChangeExtension(target, ".original.png")));
        var folder = Directory.CreateTempSubdirectory("tiles-").FullName;
        try
        {
            var workflow = Pipeline.Of(source, target, folder, Number("columns", 4), Number("rows", 3));
            await host.StartAsync();
            var run = await host.Services.GetRequiredService<ITaskClient>().Run(workflow);
            await ProgressDisplay.Show(run, host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
            Console.WriteLine($"Result: {await run.Result()}");
            await host.StopAsync();
            return 0;
        }
        catch (Exception exception) when (exception is WorkflowFailedException or FormatException)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        int Number(string name, int preset) => builder.Configuration[name] switch
        {
            null => preset,
            var word when int.TryParse(word, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 100 => number,
            var word => throw new FormatException($"--{name} is '{word}'. Give 1 to 100."),
        };
    }

    private static string Paint(string file)
    {
        Picture.Paint(file);
        return file;
    }
}
