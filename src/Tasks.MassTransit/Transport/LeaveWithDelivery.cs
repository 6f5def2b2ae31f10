using MassTransit;

namespace TasksBus.Transport;

/// <summary>When the connection dies, so does the delivery: a consumer that outlived it would keep its endpoint from reading again.</summary>
/// <remarks>An attempt goes on without it, under its lease; the message that the broker delivers again finds the lease and is parked.</remarks>
internal sealed class LeaveWithDelivery : IFilter<ConsumeContext>
{
    public Task Send(ConsumeContext context, IPipe<ConsumeContext> next) => next.Send(context).WaitAsync(context.CancellationToken);

    public void Probe(ProbeContext context) => context.CreateFilterScope("leaveWithDelivery");
}
