using System.Reflection;

using TasksBus.Execution;
using TasksBus.Pipeline;

namespace TasksBus.Configuration;

/// <summary>Finds which tasks a class handles.</summary>
internal static class HandlerDiscovery
{
    /// <summary>What calls a handler, by its contract.</summary>
    private static readonly Dictionary<Type, Type> Invokers = new()
    {
        [typeof(ITaskHandler<>)] = typeof(HandlerInvoker<,>),
        [typeof(ITaskHandler<,>)] = typeof(HandlerInvoker<,,>),
        [typeof(ITaskBatchHandler<>)] = typeof(BatchHandlerInvoker<,>),
        [typeof(ITaskBatchHandler<,>)] = typeof(BatchHandlerInvoker<,,>),
    };

    /// <summary>The tasks that a handler class handles.</summary>
    /// <exception cref="TaskQueueConfigurationException">It handles none.</exception>
    public static IReadOnlyList<TaskDeclaration> TasksOf(Type handler, Action<TaskOptions>? configure)
    {
        var interfaces = InterfacesOf(handler);
        if (interfaces.Count == 0)
        {
            throw new TaskQueueConfigurationException(
                $"'{handler.FullName}' cannot handle a task: it has no public Run of {nameof(ITaskHandler<>)}<TArgs> or {nameof(ITaskHandler<>)}<TArgs, TResult>. " +
                "Implement one of these interfaces.");
        }

        if (handler is { IsAbstract: true } or { ContainsGenericParameters: true })
            throw new TaskQueueConfigurationException($"'{handler.FullName}' cannot handle a task: it is abstract or an open generic type. Register a class that can be created.");

        return [.. interfaces.Select(contract => Declare(handler, contract, configure))];
    }

    /// <summary>The task that a delegate handles.</summary>
    /// <exception cref="TaskQueueConfigurationException">It can handle none.</exception>
    public static TaskDeclaration TaskOf(Delegate handler, Action<TaskOptions>? configure)
    {
        var arguments = DelegateHandler.ArgumentsOf(handler);
        var call = DelegateHandler.Compile(handler);
        var result = DelegateHandler.ResultOf(handler);
        RefuseOtherResult(arguments, result, handler.Method.ToString());
        var invoker = typeof(DelegateInvoker<>).MakeGenericType(arguments);
        return new TaskDeclaration(
            arguments, handler.Method.ToString(), HandlerType: null,
            options => (ITaskInvoker)Activator.CreateInstance(invoker, call, result is not null, options.Json, options.MaxPayloadSize)!, configure);
    }

    /// <summary>Every handler class of an assembly that can be created.</summary>
    public static IEnumerable<Type> HandlersIn(Assembly assembly) =>
        assembly.GetTypes().Where(type => type is { IsClass: true, IsAbstract: false, ContainsGenericParameters: false } && InterfacesOf(type).Count > 0);

    private static List<Type> InterfacesOf(Type handler) =>
        [.. handler.GetInterfaces().Where(type => type.IsGenericType && Invokers.ContainsKey(type.GetGenericTypeDefinition()))];

    /// <remarks>Arguments that are no <see cref="ITask{TResult}"/> say nothing of their result.</remarks>
    private static void RefuseOtherResult(Type arguments, Type? result, string? handler)
    {
        var promised = arguments.GetInterfaces().FirstOrDefault(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ITask<>))?.GetGenericArguments()[0];
        if (promised?.IsAssignableFrom(result) != false)
            return;
        throw new TaskQueueConfigurationException(
            $"'{handler}' cannot handle task '{arguments.FullName}': its callers expect a '{promised.FullName}', and it returns {(result is null ? "nothing" : $"a '{result.FullName}'")}. " +
            $"Return a '{promised.FullName}', or let the arguments say otherwise.");
    }

    private static TaskDeclaration Declare(Type handler, Type contract, Action<TaskOptions>? configure)
    {
        var types = contract.GetGenericArguments();
        RefuseOtherResult(types[0], types.ElementAtOrDefault(1), handler.FullName);
        var invoker = Invokers[contract.GetGenericTypeDefinition()].MakeGenericType([handler, .. types]);
        return new TaskDeclaration(
            types[0], handler.FullName, handler, options => (ITaskInvoker)Activator.CreateInstance(invoker, options.Json, options.MaxPayloadSize)!, configure);
    }
}
