using System.Text;

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

using TasksBus.Configuration;

namespace TasksBus.Tests.Examples;

/// <summary>What the README says that a program can check; <see cref="PackagingTests"/> runs its code.</summary>
public sealed class ReadmeTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));

    [Fact]
    public void Two_commands_set_everything_up()
    {
        var commands = Repository.ReadmeBlocks("sh");

        Assert.Equal(["dotnet run --project examples/QuickStart\n", "build/test.sh\n"], commands.Take(2));
    }

    [Fact]
    public void Its_configuration_is_read_as_it_says()
    {
        using var json = new MemoryStream(Encoding.UTF8.GetBytes(Repository.ReadmeBlocks("json")[1]));
        var section = new ConfigurationBuilder().AddJsonStream(json).Build().GetSection("TasksBus");
        var services = new ServiceCollection().AddLogging().AddTaskQueue(queue => queue
            .AddTaskType<Resize>(task => (task.Name, task.Queue) = ("Acme.Images.Resize", "in-code"))
            .Configure(options => options.Concurrency = 1)
            .Configure(section));

        using var provider = services.BuildServiceProvider();
        var catalogue = provider.GetRequiredService<TaskCatalogue>();
        var task = catalogue.OptionsOf("Acme.Images.Resize");

        Assert.Equal(8, catalogue.Options.Concurrency);
        Assert.Equal(TimeSpan.FromSeconds(30), catalogue.Options.Lease);
        Assert.Contains("reports", catalogue.Queues.AsEnumerable());
        Assert.Equal("images", task.Queue);
        Assert.Equal(TimeSpan.FromHours(2), task.ResultLifetime);
        Assert.Equal(5, task.Retry.MaxAttempts);
        Assert.Equal(TimeSpan.FromSeconds(2), task.Retry.Delay);
        Assert.Equal(["System.IO.FileNotFoundException"], task.Retry.NeverOn);
    }

    [Fact]
    public void Its_routes_are_read_as_it_says()
    {
        using var json = new MemoryStream(Encoding.UTF8.GetBytes(Repository.ReadmeBlocks("json")[0]));
        var section = new ConfigurationBuilder().AddJsonStream(json).Build().GetSection("TasksBus");
        var services = new ServiceCollection().AddLogging().AddTaskQueue(queue => queue
            .AddTaskType<Resize>(task => task.Name = "Acme.Images.Resize")
            .Configure(section));

        using var provider = services.BuildServiceProvider();
        var catalogue = provider.GetRequiredService<TaskCatalogue>();

        Assert.Equal("images", catalogue.QueueOf("Acme.Images.Resize"));
        Assert.Equal(["images", "reports"], catalogue.ReadQueues.Order());
        Assert.Equal(4, catalogue.Options.PerQueue["images"].Concurrency);
    }

    [Fact]
    public void It_names_every_state_every_exception_and_every_option_of_a_run_and_of_retries()
    {
        var states = Enum.GetNames<TaskState>();
        var exceptions = typeof(ITask).Assembly.GetExportedTypes().Where(type => type.IsSubclassOf(typeof(Exception))).Select(type => type.Name);
        var options = typeof(RunOptions).GetProperties().Concat(typeof(RetryOptions).GetProperties()).Select(property => property.Name);

        var missing = states.Concat(exceptions).Concat(options).Where(name => !Text.Contains($"`{name}", StringComparison.Ordinal));

        Assert.Empty(missing);
    }

    [Fact]
    public void Its_links_lead_somewhere()
    {
        var targets = Text.Split("](").Skip(1).Select(rest => rest[..rest.IndexOf(')', StringComparison.Ordinal)]);

        Assert.All(targets, target => Assert.True(Path.Exists(Path.Combine(Repository.Root, target)), target));
    }

    [Fact]
    public void The_map_of_the_source_names_files_that_are_there()
    {
        var source = Path.Combine(Repository.Root, "src");
        var map = File.ReadAllText(Path.Combine(source, "README.md")).Split('`').Where((_, index) => index % 2 == 1);
        var files = map.Where(name => name.Contains('/', StringComparison.Ordinal) && name.EndsWith(".cs", StringComparison.Ordinal));

        Assert.All(files, file => Assert.True(
            File.Exists(Path.Combine(source, file)) || File.Exists(Path.Combine(source, "Tasks.MassTransit", file)), file));
    }

    private sealed record Resize : ITask;
}
