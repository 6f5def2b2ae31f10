using System.Collections.Concurrent;

using MassTransit;

using TasksBus.Configuration;
using TasksBus.Transport;

namespace TasksBus.Client;

/// <summary>Hands runs over to the broker: straight to their queue, which is declared first; confirmed to be on disk before it returns. Safe to share between threads.</summary>
internal sealed class RunSender : IDisposable
{
    private const byte HighestPriority = 9;

    /// <summary>
    /// How many messages wait for their confirmation at a time. From 64 on, RabbitMQ.Client (7.2) slows a channel down; beyond 128, those that it keeps
    /// waiting hold up the channel that follows when the connection is lost.
    /// </summary>
    private const int Unconfirmed = 64;

    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(100);

    private readonly QueueBus _bus;
    private readonly BrokerNames _names;
    private readonly TimeSpan _timeout;
    private readonly ConcurrentDictionary<string, Door> _doors = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _declaring = new(1);
    private readonly SemaphoreSlim _places = new(Unconfirmed);
    private readonly IPipe<SendContext<RunMessage>> _describe;
    private readonly IPipe<SendContext>[] _prioritise;

    public RunSender(QueueBus bus, BrokerNames names, TaskCatalogue catalogue)
    {
        _bus = bus;
        _names = names;
        _timeout = catalogue.Options.SubmitTimeout;
        _describe = Pipe.Execute<SendContext<RunMessage>>(Describe);
        _prioritise = [.. Enumerable.Range(0, HighestPriority + 1).Select(priority => Pipe.Execute<SendContext>(context => Prioritise(context, (byte)priority)))];
    }

    /// <summary>Sends a run to its queue.</summary>
    /// <exception cref="SubmitException">The broker did not confirm within <see cref="TaskQueueOptions.SubmitTimeout"/>.</exception>
    public Task Send(RunMessage message, CancellationToken cancellationToken) => Send(message, _timeout, cancellationToken);

    /// <summary>Sends a run to its queue.</summary>
    /// <param name="message">The run.</param>
    /// <param name="left">What is left of <see cref="TaskQueueOptions.SubmitTimeout"/>.</param>
    /// <param name="cancellationToken">Ends the wait for the confirmation.</param>
    /// <exception cref="SubmitException">The broker did not confirm in time.</exception>
    public Task Send(RunMessage message, TimeSpan left, CancellationToken cancellationToken) => Send(
        message.RunId, () => $"Run {message.RunId} of task '{message.TaskName}' was not submitted to queue '{message.Queue}'", _names.Queue(message.Queue!),
        (endpoint, end) => endpoint.Send(message, _describe, end), left, cancellationToken);

    /// <summary>Sends something else to a queue that is declared as those of runs are.</summary>
    /// <param name="id">Whose it is.</param>
    /// <param name="failure">What has not happened if it cannot be sent, for people.</param>
    /// <param name="brokerQueue">The queue, as the broker calls it.</param>
    /// <param name="message">The message.</param>
    /// <param name="priority">Its priority, 0 to 9.</param>
    /// <param name="cancellationToken">Ends the wait for the confirmation.</param>
    /// <exception cref="SubmitException">The broker did not confirm within <see cref="TaskQueueOptions.SubmitTimeout"/>.</exception>
    public Task Send<T>(Guid id, Func<string> failure, string brokerQueue, T message, int priority, CancellationToken cancellationToken)
        where T : class =>
        Send(id, failure, brokerQueue, (endpoint, end) => endpoint.Send(message, _prioritise[priority], end), _timeout, cancellationToken);

    /// <summary>Makes sure that a queue exists.</summary>
    public async Task DeclareQueue(string queue, CancellationToken cancellationToken) => await DoorOf(_names.Queue(queue), cancellationToken).ConfigureAwait(false);

    private async Task Send(Guid id, Func<string> failure, string brokerQueue, Func<ISendEndpoint, CancellationToken, Task> send, TimeSpan left, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(left);
        try
        {
            await SendUntil(brokerQueue, send, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            var reason = deadline.IsCancellationRequested ? $"did not confirm it within {nameof(TaskQueueOptions.SubmitTimeout)} = {_timeout}" : "could not be reached, or refused it";
            throw new SubmitException(
                id,
                $"{failure()}: the broker at {_bus.Transport.Address} {reason}. " +
                $"See that it runs and can be reached from here, then submit again; under the same {nameof(RunOptions.RunId)} that is safe. ({exception.GetBaseException().Message})",
                exception);
        }
    }

    public void Dispose()
    {
        _declaring.Dispose();
        _places.Dispose();
    }

    private async Task SendUntil(string queue, Func<ISendEndpoint, CancellationToken, Task> send, CancellationToken deadline)
    {
        while (true)
        {
            Door? door = null;
            try
            {
                door = await DoorOf(queue, deadline).ConfigureAwait(false);
                await Send(door, send, deadline).ConfigureAwait(false);
                return;
            }
            catch (MessageReturnedException) when (!deadline.IsCancellationRequested)
            {
                // Somebody has deleted the queue since we declared it.
                Close(queue, door);
            }
            catch (Exception exception) when (door is not null && (door.Lost.IsCancellationRequested || _bus.Transport.IsLoss(exception)) && !deadline.IsCancellationRequested)
            {
                // What the broker has not confirmed on a connection that is lost, it never will. A message too many is dropped at its claim.
                Close(queue, door);
                if (!await IsTimeLeft(deadline).ConfigureAwait(false))
                    throw;
            }
            catch (ConnectionException exception) when (exception.IsTransient && !deadline.IsCancellationRequested)
            {
                // A broker that restarts refuses connections at once; it has until the deadline to come back. An endpoint of a bus that was stopped stays dead.
                Close(queue, door);
                if (!await IsTimeLeft(deadline).ConfigureAwait(false))
                    throw;
            }
        }
    }

    private async Task Send(Door door, Func<ISendEndpoint, CancellationToken, Task> send, CancellationToken deadline)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(door.Lost, deadline);
        await _places.WaitAsync(end.Token).ConfigureAwait(false);
        try
        {
            Task sent;
            lock (door.Entrance)
                sent = send(door.Endpoint, end.Token);

            // MassTransit waits for a broker that is away without looking at the token everywhere.
            await sent.WaitAsync(end.Token).ConfigureAwait(false);
        }
        finally
        {
            _places.Release();
        }
    }

    private static async Task<bool> IsTimeLeft(CancellationToken deadline)
    {
        await Task.Delay(BetweenTries, TimeProvider.System, deadline).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !deadline.IsCancellationRequested;
    }

    private async ValueTask<Door> DoorOf(string queue, CancellationToken deadline)
    {
        if (_doors.TryGetValue(queue, out var door))
            return door;
        await _declaring.WaitAsync(deadline).ConfigureAwait(false);
        try
        {
            return _doors.TryGetValue(queue, out door) ? door : _doors[queue] = await Declare(queue, deadline).ConfigureAwait(false);
        }
        finally
        {
            _declaring.Release();
        }
    }

    private async Task<Door> Declare(string queue, CancellationToken deadline)
    {
        var lost = await _bus.Transport.Declare(queue, deadline).WaitAsync(deadline).ConfigureAwait(false);
        return new Door(await _bus.Bus.GetSendEndpoint(BrokerNames.AddressOf(queue)).ConfigureAwait(false), lost);
    }

    private void Close(string queue, Door? door)
    {
        if (door is not null)
            _doors.TryRemove(KeyValuePair.Create(queue, door));
    }

    private void Describe(SendContext<RunMessage> context)
    {
        context.CorrelationId = context.Message.RunId;
        context.TrySetPriority(context.Message.IsGranted ? HighestPriority : (byte)context.Message.Priority);
        RunHeaders.Write(context.Headers, context.Message);
        context.Serializer = RunFormat.Instance;
        _bus.Transport.RequireQueue(context);
    }

    private void Prioritise(SendContext context, byte priority)
    {
        context.TrySetPriority(priority);
        _bus.Transport.RequireQueue(context);
    }

    /// <summary>The way to a queue that was declared; closed when the connection is lost.</summary>
    private sealed record Door(ISendEndpoint Endpoint, CancellationToken Lost)
    {
        /// <summary>
        /// One after the other hands its message to the channel, where it then waits for its confirmation. Those that met there would wait for each other on a semaphore of
        /// RabbitMQ.Client (up to 7.2.2), which forgets them when the connection is lost, and MassTransit then holds up the channel that follows.
        /// </summary>
        public Lock Entrance { get; } = new();
    }
}
