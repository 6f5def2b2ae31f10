using System.Net.Mime;
using System.Text;

using MassTransit;

using Microsoft.Extensions.DependencyInjection;

using TasksBus.Client;
using TasksBus.Transport;

namespace TasksBus.Tests.Execution;

/// <summary>Messages that no handler can read: their runs end, and they are kept aside.</summary>
public sealed class UnreadableMessageTests
{
    private const string Envelope = "application/vnd.masstransit+json";

    [Theory]
    [InlineData("\u0001\u0002 no JSON at all")]
    [InlineData("""{"message":{"arguments":{"x":1}}""")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task What_is_no_message_ends_its_run_as_a_bad_payload_and_is_kept_aside(string body)
    {
        await using var queue = await StartAdd();
        var kept = await KeptAside(queue);
        var run = Guid.NewGuid();

        await Send(queue, body, Envelope, run, TaskName.Of(typeof(Add)));

        Assert.Equal(body, await kept);
        var end = await End(queue, run);
        Assert.Equal((TaskState.Failed, FailureKind.BadPayload, TaskName.Of(typeof(Add))), (end.State, end.FailureKind, end.TaskName));
        Assert.NotEmpty(end.Error!.Message);
    }

    [Theory]
    [InlineData("no JSON at all")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"runId":"not an id"}""")]
    public async Task What_claims_to_be_of_our_client_and_is_not_ends_its_run_as_a_bad_payload_and_is_kept_aside(string body)
    {
        await using var queue = await StartAdd();
        var kept = await KeptAside(queue);
        var run = Guid.NewGuid();

        await Send(queue, body, RunFormat.Instance.ContentType.MediaType, run, TaskName.Of(typeof(Add)));

        Assert.Equal(body, await kept);
        Assert.Equal(FailureKind.BadPayload, (await End(queue, run)).FailureKind);
    }

    [Fact]
    public async Task What_is_of_an_unknown_format_ends_its_run_as_a_bad_payload_and_is_kept_aside()
    {
        await using var queue = await StartAdd();
        var kept = await KeptAside(queue);
        var run = Guid.NewGuid();

        await Send(queue, "<add/>", "application/xml", run, TaskName.Of(typeof(Add)));

        Assert.Equal("<add/>", await kept);
        Assert.Equal(FailureKind.BadPayload, (await End(queue, run)).FailureKind);
    }

    [Fact]
    public async Task What_names_no_run_is_listed_as_a_failed_one_and_is_kept_aside()
    {
        await using var queue = await StartAdd();
        var kept = await KeptAside(queue);

        await Send(queue, "no JSON at all", Envelope, run: null, taskName: null);

        Assert.Equal("no JSON at all", await kept);
        var group = Assert.Single(await queue.Services.GetRequiredService<ITaskControl>().Failures());
        Assert.Equal(("unreadable", FailureKind.BadPayload, 1, "tasks"), (group.TaskName, group.Kind, group.Count, group.Latest.Queue));
        Assert.NotEmpty(group.Latest.Error!.Message);
    }

    [Fact]
    public async Task A_bad_message_does_not_keep_the_next_one_from_being_run()
    {
        await using var queue = await StartAdd();
        var kept = await KeptAside(queue);

        await Send(queue, "no JSON at all", Envelope, Guid.NewGuid(), TaskName.Of(typeof(Add)));
        await kept;
        var run = await queue.Client.Run(new Add(2, 3));

        Assert.Equal(5, await run.Result(TaskQueueFixture.Patience));
    }

    [Theory]
    [InlineData("""{ "x": "two", "y": 3 }""")]
    [InlineData("[2, 3]")]
    [InlineData("null")]
    public async Task Arguments_of_another_shape_end_the_run_as_a_bad_payload_without_another_attempt(string arguments)
    {
        await using var queue = await StartAdd();
        var kept = await KeptAside(queue);

        var run = await queue.Client.Run(TaskName.Of(typeof(Add)), Payload.FromJson(Encoding.UTF8.GetBytes(arguments)));

        var end = await TaskQueueFixture.EndOf(run);
        Assert.Equal((TaskState.Failed, FailureKind.BadPayload), (end.State, end.FailureKind));
        Assert.Contains(typeof(Add).FullName!, end.Error!.Message, StringComparison.Ordinal);
        Assert.Contains(run.RunId.ToString(), await kept, StringComparison.OrdinalIgnoreCase);
        Assert.True(end.Attempt <= 1, $"It was tried {end.Attempt} times.");
    }

    [Fact]
    public async Task Arguments_that_are_too_long_for_the_worker_end_the_run_as_a_bad_payload()
    {
        await using var queue = await TaskQueueFixture.Start(queue => queue
            .Configure(options => options.MaxPayloadSize = 2_000)
            .AddTask((Work _) => { }));
        var kept = await KeptAside(queue);
        var run = Guid.NewGuid();
        var body = $$$"""{"runId":"{{{run}}}","taskName":"{{{TaskName.Of(typeof(Work))}}}","arguments":{"name":"{{{new string('x', 2_000)}}}"}}""";

        await Send(queue, body, RunFormat.Instance.ContentType.MediaType, run, TaskName.Of(typeof(Work)));

        Assert.Equal(body, await kept);
        var end = await End(queue, run);
        Assert.Equal(FailureKind.BadPayload, end.FailureKind);
        Assert.Contains($"{nameof(TaskQueueOptions.MaxPayloadSize)} = 2,000", end.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_of_a_task_without_a_handler_fails_and_is_kept_aside()
    {
        await using var queue = await StartAdd();
        var kept = await KeptAside(queue);

        var run = await queue.Client.Run("Acme.Unknown", new { x = 1 }, new RunOptions { Queue = "tasks" });

        var end = await TaskQueueFixture.EndOf(run);
        Assert.Equal((TaskState.Failed, FailureKind.NoHandler, 0), (end.State, end.FailureKind, end.Attempt));
        Assert.Contains("no handler for task 'Acme.Unknown'", end.Error!.Message, StringComparison.Ordinal);
        Assert.Contains("Register one here", end.Error.Message, StringComparison.Ordinal);
        Assert.Contains("Acme.Unknown", await kept, StringComparison.Ordinal);
    }

    private static Task<TaskQueueFixture> StartAdd() => TaskQueueFixture.Start(queue => queue.AddTask((Add task) => task.X + task.Y));

    /// <summary>The end of a run that may not be recorded yet.</summary>
    private static async Task<TaskSnapshot> End(TaskQueueFixture queue, Guid run)
    {
        using var patience = new CancellationTokenSource(TaskQueueFixture.Patience);
        while ((await queue.Client.Find(run).Snapshot(patience.Token)).State == TaskState.NotFound)
            await Task.Yield();
        return await TaskQueueFixture.EndOf(queue.Client.Find(run));
    }

    private static async Task Send(TaskQueueFixture queue, string body, string contentType, Guid? run, string? taskName)
    {
        var bus = queue.Services.GetRequiredService<QueueBus>().Bus;
        var endpoint = await bus.GetSendEndpoint(BrokerNames.AddressOf(queue.Services.GetRequiredService<BrokerNames>().Queue("tasks")));
        await endpoint.Send(new Ask(), context =>
        {
            context.Serializer = new Raw(body, contentType);
            if (run is not null)
                context.Headers.Set("TasksBus-Run", run.Value.ToString("N"));
            if (taskName is not null)
                context.Headers.Set("TasksBus-Task", taskName);
        });
    }

    /// <summary>Reads the error queue.</summary>
    /// <returns>The body of the first message there.</returns>
    private static async Task<Task<string>> KeptAside(TaskQueueFixture queue)
    {
        var kept = new Reader();
        var name = queue.Services.GetRequiredService<BrokerNames>().Queue("tasks") + "_error";
        var endpoint = queue.Services.GetRequiredService<QueueBus>().Bus.ConnectReceiveEndpoint(name, errors => errors.ConfigureReceive(pipe => pipe.UseFilter(kept)));
        await endpoint.Ready;
        return kept.First.WaitAsync(TaskQueueFixture.Patience);
    }

    /// <summary>Takes messages without reading them.</summary>
    private sealed class Reader : IFilter<ReceiveContext>
    {
        private readonly TaskCompletionSource<string> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> First => _first.Task;

        public Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
        {
            _first.TrySetResult(context.Body.GetString());
            return Task.CompletedTask;
        }

        public void Probe(ProbeContext context) => context.CreateFilterScope("reader");
    }

    /// <summary>Writes what it is told, whatever the message.</summary>
    private sealed class Raw(string body, string contentType) : IMessageSerializer
    {
        public ContentType ContentType { get; } = new(contentType);

        public MessageBody GetMessageBody<T>(SendContext<T> context)
            where T : class =>
            new BytesMessageBody(Encoding.UTF8.GetBytes(body));
    }
}
