using MassTransit;
using MassTransit.Courier.Contracts;

using TasksBus.Client;
using TasksBus.Transport;

namespace TasksBus.Workflows;

/// <summary>Sends calls that follow one after the other as a routing slip: it goes from queue to queue, without anybody in between. Safe to share between threads.</summary>
/// <remarks>
/// A slip says which steps, and nothing of their arguments or results. It takes a few steps along, so that it is as long in a chain of a thousand as in one of ten: who
/// comes to its end sends the next.
/// </remarks>
internal sealed class Slips(RunSender sender, BrokerNames names)
{
    /// <summary>How many steps travel together.</summary>
    public const int LongestLine = 8;

    private static readonly Uri Nobody = new("exchange:nobody");

    /// <summary>Sends the steps of a line on their way.</summary>
    /// <param name="workflowId">The workflow.</param>
    /// <param name="line">The steps, the first included.</param>
    /// <param name="priority">That of all of them: whoever sends the slip on keeps it.</param>
    /// <param name="cancellationToken">Ends the wait for the confirmation.</param>
    /// <exception cref="SubmitException">The broker did not confirm in time.</exception>
    public async Task Send(Guid workflowId, IReadOnlyList<LineStop> line, int priority, CancellationToken cancellationToken)
    {
        var slip = new RoutingSlipBuilder(workflowId);
        foreach (var (place, stop) in line.Index())
        {
            var arguments = new Dictionary<string, object>(StringComparer.Ordinal) { [nameof(StepArguments.Node)] = stop.Node };
            if (place > 0)
                arguments.Add(nameof(StepArguments.Before), line[place - 1].Node);
            if (place < line.Count - 1)
                arguments.Add(nameof(StepArguments.Next), line[place + 1].Node);
            slip.AddActivity(stop.Name, BrokerNames.AddressOf(names.Queue(stop.Queue)), arguments);
        }

        // Without a subscription, MassTransit would publish an event for each step. Nobody takes our steps back by a slip's own means, so that this one never comes.
        slip.AddSubscription(Nobody, RoutingSlipEvents.CompensationFailed, RoutingSlipEventContents.None);

        foreach (var queue in line.Skip(1).Select(stop => stop.Queue).Distinct(StringComparer.Ordinal))
            await sender.DeclareQueue(queue, cancellationToken).ConfigureAwait(false);
        var first = line[0];
        await sender.Send<RoutingSlip>(
            WorkflowIds.RunOf(workflowId, first.Node), () => $"Step '{first.Name}' of workflow {workflowId} was not submitted to queue '{first.Queue}'", names.Queue(first.Queue), slip.Build(), priority, cancellationToken).ConfigureAwait(false);
    }
}
