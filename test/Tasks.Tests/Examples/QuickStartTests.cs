using System.Text.RegularExpressions;

namespace TasksBus.Tests.Examples;

public sealed class QuickStartTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly string[] EveryTenth = [.. Enumerable.Range(0, 11).Select(tenth => $"Running {tenth * 10}%")];

    [Fact]
    public async Task Embedded_it_prints_every_tenth_of_the_progress_and_the_result()
    {
        await using var program = QuickStart();

        var end = await program.End(Deadline);

        Assert.Equal(0, end.Code);
        Assert.Equal(EveryTenth, end.Lines.Where(line => line.EndsWith('%')));
        Assert.Equal(["Succeeded", "Result: Breakfast is done"], end.Lines.TakeLast(2));
        Assert.Equal("", end.Errors);
    }

    [Fact]
    public async Task In_a_terminal_it_shows_a_bar_with_the_percentage_and_the_remaining_time()
    {
        await using var program = RunningProgram.DotnetInTerminal(Repository.Example("QuickStart"));

        var end = await program.End(Deadline);

        Assert.Equal(0, end.Code);
        Assert.Contains(end.Lines, line => Regex.IsMatch(line, "Running .*━.* 50%.*00:00:0[1-9]", RegexOptions.None, Deadline));
        Assert.Contains("Result: Breakfast is done", end.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_process_submits_a_second_follows_and_a_third_works_over_RabbitMQ_and_Redis()
    {
        await using var queues = await OwnQueues.Create();
        await using var submit = QuickStart(queues, "submit");
        var submitted = await submit.End(Deadline);
        var runId = Guid.Parse(submitted.Lines[0]);
        await using var monitor = QuickStart(queues, "monitor", $"{runId}");
        await monitor.Line(line => line == "Pending", Deadline);

        await using var worker = QuickStart(queues, "worker");
        var followed = await monitor.End(Deadline);

        Assert.Equal(0, submitted.Code);
        Assert.Equal($"Follow it with: dotnet run --project examples/QuickStart -- monitor {runId} --rabbitmq {OwnQueues.RabbitMq} --redis {OwnQueues.Redis}", submitted.Lines[1]);
        Assert.Equal(0, followed.Code);
        Assert.Equal(EveryTenth, followed.Lines.Where(line => line.EndsWith('%')));
        Assert.Equal(["Succeeded", "Result: Breakfast is done"], followed.Lines.TakeLast(2));
    }

    [Fact]
    public async Task A_worker_that_waits_takes_a_run_and_its_result_is_there_for_whoever_asks_later()
    {
        await using var queues = await OwnQueues.Create();
        await using var worker = QuickStart(queues, "worker");
        await worker.Line(line => line.StartsWith("Waiting", StringComparison.Ordinal), Deadline);

        await using var submit = QuickStart(queues, "submit");
        var submitted = await submit.End(Deadline);
        await using var monitor = QuickStart(queues, "monitor", submitted.Lines[0]);
        var followed = await monitor.End(Deadline);

        Assert.Equal(["Succeeded", "Result: Breakfast is done"], followed.Lines.TakeLast(2));
    }

    [Theory]
    [InlineData("'wrker'", "wrker")]
    [InlineData("'--rabbit'", "--rabbit", "amqp://localhost")]
    [InlineData("--rabbitmq has no value", "worker", "--rabbitmq")]
    [InlineData("--rabbitmq <uri> is missing", "worker")]
    [InlineData("--redis <address> is missing", "worker", "--rabbitmq", "amqp://localhost")]
    [InlineData("'http://localhost'", "worker", "--rabbitmq", "http://localhost", "--redis", "localhost")]
    [InlineData("monitor has no id", "monitor")]
    [InlineData("'abc' is not the id of a run", "monitor", "abc")]
    [InlineData("'now'", "submit", "now")]
    public async Task A_wrong_command_line_ends_it_with_one_line_that_names_what_is_wrong(string named, params string[] arguments)
    {
        await using var program = QuickStart(arguments: arguments);

        var end = await program.End(Deadline);

        Assert.Equal(2, end.Code);
        Assert.Empty(end.Lines);
        Assert.Contains(named, Assert.Single(end.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    private static RunningProgram QuickStart(params IEnumerable<string> arguments) => RunningProgram.Dotnet([Repository.Example("QuickStart"), .. arguments]);

    private static RunningProgram QuickStart(OwnQueues queues, params IEnumerable<string> arguments) =>
        RunningProgram.Dotnet(
            [Repository.Example("QuickStart"), .. arguments, "--rabbitmq", OwnQueues.RabbitMq, "--redis", OwnQueues.Redis], environment: queues.Environment);
}
