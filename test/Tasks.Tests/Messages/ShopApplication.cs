using System.Threading.Channels;

using MassTransit;

namespace TasksBus.Tests.Messages;

/// <summary>An application on MassTransit that schedules messages, written as MassTransit's documentation shows it; it knows nothing of the task queue.</summary>
public static class ShopApplication
{
    /// <summary>Adds its consumers and its state machine, and points them to a scheduler.</summary>
    public static void AddShop(this IBusRegistrationConfigurator bus, Uri scheduler)
    {
        bus.AddMessageScheduler(scheduler);
        bus.AddConsumer<RemindCustomerConsumer>().Endpoint(endpoint => endpoint.Temporary = true);
        bus.AddConsumer<WelcomeCustomerConsumer>().Endpoint(endpoint => endpoint.Temporary = true);
        bus.AddConsumer<ChargeConsumer, ChargeDefinition>().Endpoint(endpoint => endpoint.Temporary = true);
        bus.AddSagaStateMachine<OrderStateMachine, Order>().InMemoryRepository().Endpoint(endpoint => endpoint.Temporary = true);
    }

    public sealed class EverySecond : MassTransit.Scheduling.DefaultRecurringSchedule
    {
        public EverySecond() => CronExpression = "0/1 * * * * ?";
    }

    public sealed record Customer(Guid Id, TimeSpan RemindAfter);

    public sealed record RemindCustomer(Guid Id, int Number);

    public sealed record Charge(Guid Id);

    public sealed record OrderSubmitted(Guid OrderId, TimeSpan PayWithin);

    public sealed record OrderPaid(Guid OrderId);

    public sealed record PaymentTimeout(Guid OrderId);

    /// <summary>What has happened in the shop.</summary>
    public sealed class Diary
    {
        private readonly Channel<Entry> _entries = Channel.CreateUnbounded<Entry>();

        public int Count => _entries.Reader.Count;

        public void Write(string what, Guid about, ConsumeContext context, int number = 0, Guid? scheduled = null) =>
            _entries.Writer.TryWrite(new Entry(what, about, number, scheduled, context.MessageId, context.ConversationId, context.GetSchedulingTokenId(), context.Headers.Get<string>("Shop")));

        /// <summary>The next entry about somebody: others may share the broker.</summary>
        public async Task<Entry> Next(Guid about)
        {
            using var patience = new CancellationTokenSource(TaskQueueFixture.Patience);
            while (true)
            {
                if (await _entries.Reader.ReadAsync(patience.Token) is var entry && entry.About == about)
                    return entry;
            }
        }
    }

    public sealed record Entry(string What, Guid About, int Number, Guid? Scheduled, Guid? MessageId, Guid? ConversationId, Guid? TokenId, string? Header);

    public sealed class WelcomeCustomerConsumer(Diary diary) : IConsumer<Customer>
    {
        public async Task Consume(ConsumeContext<Customer> context)
        {
            var scheduled = await context.SchedulePublish(
                context.Message.RemindAfter, new RemindCustomer(context.Message.Id, 1), Pipe.Execute<SendContext<RemindCustomer>>(send => send.Headers.Set("Shop", "north")));
            diary.Write("welcomed", context.Message.Id, context, scheduled: scheduled.TokenId);
        }
    }

    public sealed class RemindCustomerConsumer(Diary diary) : IConsumer<RemindCustomer>
    {
        public Task Consume(ConsumeContext<RemindCustomer> context)
        {
            diary.Write("reminded", context.Message.Id, context, context.Message.Number);
            return Task.CompletedTask;
        }
    }

    public sealed class ChargeConsumer(Diary diary) : IConsumer<Charge>
    {
        public Task Consume(ConsumeContext<Charge> context)
        {
            diary.Write("charged", context.Message.Id, context, context.GetRedeliveryCount());
            return context.GetRedeliveryCount() < 2 ? throw new InvalidOperationException("The bank is closed.") : Task.CompletedTask;
        }
    }

    public sealed class ChargeDefinition : ConsumerDefinition<ChargeConsumer>
    {
        protected override void ConfigureConsumer(
            IReceiveEndpointConfigurator endpointConfigurator, IConsumerConfigurator<ChargeConsumer> consumerConfigurator, IRegistrationContext context) =>
            endpointConfigurator.UseScheduledRedelivery(redelivery => redelivery.Intervals(TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(200)));
    }

    public sealed class Order : SagaStateMachineInstance
    {
        public Guid CorrelationId { get; set; }

        public string CurrentState { get; set; } = "";

        public Guid? PaymentTimeoutTokenId { get; set; }
    }

    public sealed class OrderStateMachine : MassTransitStateMachine<Order>
    {
        public OrderStateMachine(Diary diary)
        {
            InstanceState(order => order.CurrentState);
            Event(() => Submitted, from => from.CorrelateById(context => context.Message.OrderId));
            Event(() => Paid, from => from.CorrelateById(context => context.Message.OrderId));
            Schedule(() => PaymentTimeout, order => order.PaymentTimeoutTokenId, schedule => schedule.Received = from => from.CorrelateById(context => context.Message.OrderId));

            Initially(
                When(Submitted)
                    .Schedule(PaymentTimeout, context => new PaymentTimeout(context.Message.OrderId), context => context.Message.PayWithin)
                    .Then(context => diary.Write("submitted", context.Saga.CorrelationId, context, scheduled: context.Saga.PaymentTimeoutTokenId))
                    .TransitionTo(AwaitingPayment));
            During(AwaitingPayment,
                When(PaymentTimeout!.Received).Then(context => diary.Write("timed out", context.Saga.CorrelationId, context)).TransitionTo(Abandoned),
                When(Paid).Unschedule(PaymentTimeout).Then(context => diary.Write("paid", context.Saga.CorrelationId, context)).TransitionTo(Completed));
        }

        public State AwaitingPayment { get; set; } = null!;

        public State Abandoned { get; set; } = null!;

        public State Completed { get; set; } = null!;

        public Event<OrderSubmitted> Submitted { get; set; } = null!;

        public Event<OrderPaid> Paid { get; set; } = null!;

        public Schedule<Order, PaymentTimeout> PaymentTimeout { get; set; } = null!;
    }
}
