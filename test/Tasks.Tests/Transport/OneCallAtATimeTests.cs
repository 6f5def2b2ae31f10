using System.Reflection;
using System.Threading.Channels;

using MassTransit;
using MassTransit.RabbitMqTransport;

using TasksBus.Transport;

namespace TasksBus.Tests.Transport;

/// <summary>What an endpoint declares goes to the broker one thing after the other.</summary>
public sealed class OneCallAtATimeTests
{
    [Fact]
    public async Task A_declaration_waits_for_the_one_before_it_also_if_that_fails()
    {
        var broker = DispatchProxy.Create<ChannelContext, SlowBroker>();
        var asked = ((SlowBroker)(object)broker).Asked.Reader;
        var declaring = Task.CompletedTask;
        var binding = Task.CompletedTask;

        await new OneCallAtATime().Send(broker, Pipe.Execute<ChannelContext>(channel =>
        {
            declaring = channel.ExchangeDeclare("first", "fanout", durable: true, autoDelete: false, new Dictionary<string, object>(), CancellationToken.None);
            binding = channel.ExchangeBind("second", "first", "", new Dictionary<string, object>(), CancellationToken.None);
        }));
        var first = await asked.ReadAsync();
        Assert.Equal(nameof(ChannelContext.ExchangeDeclare), first.Name);
        Assert.False(asked.TryRead(out _));

        first.Answer.SetException(new InvalidOperationException("closed"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => declaring);
        var second = await asked.ReadAsync();
        second.Answer.SetResult();
        await binding;
        Assert.Equal(nameof(ChannelContext.ExchangeBind), second.Name);
    }

    /// <summary>Answers when it is told to.</summary>
    public class SlowBroker : DispatchProxy
    {
        public Channel<(string Name, TaskCompletionSource Answer)> Asked { get; } = Channel.CreateUnbounded<(string Name, TaskCompletionSource Answer)>();

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (targetMethod!.ReturnType != typeof(Task))
                return targetMethod.ReturnType.IsValueType ? Activator.CreateInstance(targetMethod.ReturnType) : null;
            var answer = new TaskCompletionSource();
            Asked.Writer.TryWrite((targetMethod.Name, answer));
            return answer.Task;
        }
    }
}
