using System.Linq.Expressions;
using System.Reflection;

using Microsoft.Extensions.DependencyInjection;

namespace TasksBus.Execution;

/// <summary>Makes a handler of a delegate: its first parameter is the arguments; then, in any order, the context, its token, and services from the attempt's scope.</summary>
internal static class DelegateHandler
{
    private static readonly MethodInfo GetService =
        typeof(ServiceProviderServiceExtensions).GetMethod(nameof(ServiceProviderServiceExtensions.GetRequiredService), [typeof(IServiceProvider), typeof(Type)])!;

    /// <summary>The type of the arguments.</summary>
    /// <exception cref="TaskQueueConfigurationException">The delegate has no first parameter that could be the arguments.</exception>
    public static Type ArgumentsOf(Delegate handler)
    {
        var first = handler.Method.GetParameters().FirstOrDefault()?.ParameterType;
        return first is { IsClass: true } && first != typeof(string) && !typeof(TaskContext).IsAssignableFrom(first)
            ? first
            : throw new TaskQueueConfigurationException(
                $"The delegate '{handler.Method}' cannot handle a task: its first parameter must be the arguments, a class or record, as in (Resize task, TaskContext context) => ….");
    }

    /// <summary>The type of the result; null if there is none.</summary>
    public static Type? ResultOf(Delegate handler) => handler.Method.ReturnType switch
    {
        var type when type == typeof(void) || type == typeof(Task) || type == typeof(ValueTask) => null,
        { IsGenericType: true } type when IsAwaited(type) => type.GetGenericArguments()[0],
        var type => type,
    };

    /// <summary>Compiles the call.</summary>
    public static Func<IServiceProvider, object, TaskContext, Task<object?>> Compile(Delegate handler)
    {
        var services = Expression.Parameter(typeof(IServiceProvider));
        var arguments = Expression.Parameter(typeof(object));
        var context = Expression.Parameter(typeof(TaskContext));
        var values = handler.Method.GetParameters().Select((parameter, index) => ValueOf(parameter.ParameterType, index));
        var call = Expression.Invoke(Expression.Constant(handler), values);
        return Expression.Lambda<Func<IServiceProvider, object, TaskContext, Task<object?>>>(AsTask(call), services, arguments, context).Compile();

        Expression ValueOf(Type type, int index) => index switch
        {
            0 => Expression.Convert(arguments, type),
            _ when type == typeof(TaskContext) => context,
            _ when type == typeof(CancellationToken) => Expression.Property(context, nameof(TaskContext.CancellationToken)),
            _ when type == typeof(IServiceProvider) => services,
            _ => Expression.Convert(Expression.Call(GetService, services, Expression.Constant(type)), type),
        };
    }

    private static Expression AsTask(Expression call) => call.Type switch
    {
        var type when type == typeof(void) => Expression.Block(call, Expression.Constant(Task.FromResult<object?>(null))),
        var type when type == typeof(Task) => Call(nameof(FromTask), call),
        var type when type == typeof(ValueTask) => Call(nameof(FromTask), Expression.Call(call, nameof(ValueTask.AsTask), typeArguments: null)),
        { IsGenericType: true } type when type.GetGenericTypeDefinition() == typeof(Task<>) => Call(nameof(FromTaskOf), call, type.GetGenericArguments()),
        { IsGenericType: true } type when IsAwaited(type) =>
            Call(nameof(FromTaskOf), Expression.Call(call, nameof(ValueTask<>.AsTask), typeArguments: null), type.GetGenericArguments()),
        _ => Expression.Call(typeof(Task), nameof(Task.FromResult), [typeof(object)], Expression.Convert(call, typeof(object))),
    };

    private static bool IsAwaited(Type type) => type.GetGenericTypeDefinition() == typeof(Task<>) || type.GetGenericTypeDefinition() == typeof(ValueTask<>);

    private static MethodCallExpression Call(string method, Expression task, params Type[] resultType) =>
        Expression.Call(typeof(DelegateHandler), method, resultType, task);

    private static async Task<object?> FromTask(Task task)
    {
        await task.ConfigureAwait(false);
        return null;
    }

    private static async Task<object?> FromTaskOf<T>(Task<T> task) => await task.ConfigureAwait(false);
}
