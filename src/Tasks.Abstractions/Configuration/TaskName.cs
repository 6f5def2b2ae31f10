using System.Reflection;

namespace TasksBus;

/// <summary>The name of a task, under which workers, callers and pages know it.</summary>
public static class TaskName
{
    /// <summary>
    /// The name that a type of arguments gives its task: that of its <see cref="TaskDefaultsAttribute.Name"/>, or else its full name, as in
    /// <c>Acme.Images.Resize</c>.
    /// </summary>
    public static string Of(Type arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return arguments.GetCustomAttribute<TaskDefaultsAttribute>()?.Name ?? FullNameOf(arguments);
    }

    private static string FullNameOf(Type type)
    {
        var name = type.IsGenericType ? type.GetGenericTypeDefinition().FullName! : type.FullName ?? type.Name;
        name = name.Replace('+', '.');
        return type.IsGenericType
            ? $"{name[..name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(',', type.GetGenericArguments().Select(FullNameOf))}>"
            : name;
    }
}
