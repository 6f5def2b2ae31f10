using MassTransit;

using TasksBus.Client;
using TasksBus.Configuration;

namespace TasksBus.Testing;

/// <summary>Sees every run that is sent or published on the bus, by the client or by anybody else, before anybody can have run it.</summary>
internal sealed class SubmissionObserver(RunRecorder recorder, TaskCatalogue catalogue) : ISendObserver, IPublishObserver, IReceiveEndpointObserver
{
    public void Connect(IBus bus)
    {
        bus.ConnectSendObserver(this);
        bus.ConnectPublishObserver(this);

        // A consumer publishes through its own endpoint.
        bus.ConnectReceiveEndpointObserver(this);
    }

    public Task Ready(ReceiveEndpointReady ready)
    {
        ready.ReceiveEndpoint.ConnectPublishObserver(this);
        return Task.CompletedTask;
    }

    public Task PreSend<T>(SendContext<T> context)
        where T : class =>
        Add(context.Message);

    public Task PrePublish<T>(PublishContext<T> context)
        where T : class =>
        Add(context.Message);

    public Task PostSend<T>(SendContext<T> context)
        where T : class =>
        Task.CompletedTask;

    public Task PostPublish<T>(PublishContext<T> context)
        where T : class =>
        Task.CompletedTask;

    public Task SendFault<T>(SendContext<T> context, Exception exception)
        where T : class =>
        Task.CompletedTask;

    public Task PublishFault<T>(PublishContext<T> context, Exception exception)
        where T : class =>
        Task.CompletedTask;

    public Task Stopping(ReceiveEndpointStopping stopping) => Task.CompletedTask;

    public Task Completed(ReceiveEndpointCompleted completed) => Task.CompletedTask;

    public Task Faulted(ReceiveEndpointFaulted faulted) => Task.CompletedTask;

    private Task Add(object message)
    {
        if (message is IRunTask run and not RunMessage { HasWaited: true })
            recorder.AddSubmitted(Describe(run));
        return Task.CompletedTask;
    }

    private SubmittedRun Describe(IRunTask run)
    {
        var ours = run as RunMessage;
        return new SubmittedRun
        {
            RunId = run.RunId,
            TaskName = catalogue.OptionsOf(run.TaskName).Name,
            Queue = ours?.Queue ?? catalogue.QueueOf(run.TaskName),
            Priority = ours?.Priority ?? 0,
            Headers = run.Headers ?? new Dictionary<string, string>(StringComparer.Ordinal),
            SubmittedAt = run.SubmittedAt,
            NotBefore = run.NotBefore,
            ExpiresAt = run.ExpiresAt,
            Payload = ours is null ? ArgumentsOf(run) : ours.Arguments,
        };
    }

    /// <summary>The arguments of a message of whatever type of arguments.</summary>
    private Payload? ArgumentsOf(IRunTask run) =>
        run.GetType().GetProperty(nameof(RunTask<>.Arguments))?.GetValue(run) is { } arguments ? Payload.From(arguments, catalogue.Options.Json) : null;
}
