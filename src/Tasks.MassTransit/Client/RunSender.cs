using System.Collections.Concurrent;

using MassTransit;

using TasksBus.Configuration;
using TasksBus.Transport;

namespace TasksBus.Client;

/// <summary>Hands runs over to the broker: straight to their queue, which is declared first; confirmed to be on disk before it returns. Safe to share between threads.</summary>
internal sealed class RunSender
{
    private const byte HighestPriority = 9;

    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(100);

    private readonly QueueBus _bus;
    private readonly BrokerNames _names;
    private readonly TimeSpan _timeout;
    private readonly ConcurrentDictionary<string, ISendEndpoint> _declared = new(StringComparer.Ordinal);
    private readonly IPipe<SendContext<RunMessage>> _describe;

    public RunSender(QueueBus bus, BrokerNames names, TaskCatalogue catalogue)
    {
        _bus = bus;
        _names = names;
        _timeout = catalogue.Options.SubmitTimeout;
        _describe = Pipe.Execute<SendContext<RunMessage>>(Describe);
    }

    /// <summary>Sends a run to its queue.</summary>
    /// <exception cref="SubmitException">The broker did not confirm within <see cref="TaskQueueOptions.SubmitTimeout"/>.</exception>
    public async Task Send(RunMessage message, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(_timeout);
        var queue = _names.Queue(message.Queue!);
        try
        {
            await SendUntil(queue, message, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            var reason = deadline.IsCancellationRequested ? $"did not confirm it within {nameof(TaskQueueOptions.SubmitTimeout)} = {_timeout}" : "could not be reached, or refused it";
            throw new SubmitException(
                message.RunId,
                $"Run {message.RunId} of task '{message.TaskName}' was not submitted to queue '{message.Queue}': the broker at {_bus.Transport.Address} {reason}. " +
                $"See that it runs and can be reached from here, then submit again; under the same {nameof(RunOptions.RunId)} that is safe. ({exception.GetBaseException().Message})",
                exception);
        }
    }

    private async Task SendUntil(string queue, RunMessage message, CancellationToken deadline)
    {
        while (true)
        {
            try
            {
                var endpoint = await EndpointOf(queue, deadline).ConfigureAwait(false);

                // MassTransit waits for a broker that is away without looking at the token everywhere.
                await endpoint.Send(message, _describe, deadline).WaitAsync(deadline).ConfigureAwait(false);
                return;
            }
            catch (MessageReturnedException) when (!deadline.IsCancellationRequested)
            {
                // Somebody has deleted the queue since we declared it.
                _declared.TryRemove(queue, out _);
            }
            catch (ConnectionException exception) when (exception.IsTransient && !deadline.IsCancellationRequested)
            {
                // A broker that restarts refuses connections at once; it has until the deadline to come back. An endpoint of a bus that was stopped stays dead.
                _declared.TryRemove(queue, out _);
                if (!await IsTimeLeft(deadline).ConfigureAwait(false))
                    throw;
            }
        }
    }

    private static async Task<bool> IsTimeLeft(CancellationToken deadline)
    {
        await Task.Delay(BetweenTries, TimeProvider.System, deadline).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !deadline.IsCancellationRequested;
    }

    private async ValueTask<ISendEndpoint> EndpointOf(string queue, CancellationToken deadline)
    {
        if (_declared.TryGetValue(queue, out var endpoint))
            return endpoint;
        await _bus.Transport.Declare(queue, deadline).WaitAsync(deadline).ConfigureAwait(false);
        return _declared[queue] = await _bus.Bus.GetSendEndpoint(BrokerNames.AddressOf(queue)).ConfigureAwait(false);
    }

    private void Describe(SendContext<RunMessage> context)
    {
        context.CorrelationId = context.Message.RunId;
        context.TrySetPriority(context.Message.IsGranted ? HighestPriority : (byte)context.Message.Priority);
        RunHeaders.Write(context.Headers, context.Message);
        context.Serializer = RunFormat.Instance;
        _bus.Transport.RequireQueue(context);
    }
}
