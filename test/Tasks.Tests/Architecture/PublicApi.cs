using System.Reflection;
using System.Runtime.CompilerServices;

namespace TasksBus.Tests.Architecture;

/// <summary>Lists what of an assembly can be used or derived from outside, one line each, in a fixed order.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static IReadOnlyList<string> List(Assembly assembly) =>
        [.. assembly.GetExportedTypes().SelectMany(Describe).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Describe(Type type)
    {
        var bases = type.GetInterfaces().Where(one => one.IsPublic && type.BaseType?.GetInterfaces().Contains(one) != true).Select(Name).Order(StringComparer.Ordinal);
        var from = type.BaseType is { } parent && parent != typeof(object) && !type.IsValueType ? bases.Prepend(Name(parent)) : bases;
        yield return $"{Name(type)}: {Kind(type)} {string.Join(", ", from)}".TrimEnd();
        foreach (var member in type.GetMembers(Declared).Where(member => !member.IsDefined(typeof(CompilerGeneratedAttribute)) || member is MethodBase { IsSpecialName: true }))
        {
            if (Signature(member) is { } signature)
                yield return $"{Name(type)}.{signature}";
        }
    }

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        { IsValueType: true } => "struct",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsAbstract: true } => "abstract class",
        { IsSealed: true } => "sealed class",
        _ => "class",
    };

    private static string? Signature(MemberInfo member) => member switch
    {
        ConstructorInfo constructor when IsSeen(constructor) => $"new({Parameters(constructor)})",
        MethodInfo { IsSpecialName: false } method when IsSeen(method) => $"{method.Name}{Arguments(method)}({Parameters(method)}): {Name(method.ReturnType)}",
        PropertyInfo property when property.GetAccessors(nonPublic: true).Where(IsSeen).ToList() is { Count: > 0 } accessors =>
            $"{property.Name} {{ {string.Join(' ', accessors.Select(accessor => accessor.Name[..3]).Order(StringComparer.Ordinal))} }}: {Name(property.PropertyType)}",
        FieldInfo { IsSpecialName: false } field when field.IsPublic => field.IsLiteral ? $"{field.Name} = {field.GetRawConstantValue()}" : $"{field.Name}: {Name(field.FieldType)}",
        EventInfo { AddMethod: { } add } one when IsSeen(add) => $"event {one.Name}: {Name(one.EventHandlerType!)}",
        _ => null,
    };

    private static bool IsSeen(MethodBase method) => method.IsPublic || (method.IsFamily && !method.DeclaringType!.IsSealed) || method.IsFamilyOrAssembly;

    private static string Parameters(MethodBase method) =>
        string.Join(", ", method.GetParameters().Select(parameter => $"{Name(parameter.ParameterType)} {parameter.Name}{(parameter.HasDefaultValue ? $" = {parameter.RawDefaultValue ?? "default"}" : "")}"));

    private static string Arguments(MethodInfo method) =>
        method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";

    private static string Name(Type type)
    {
        if (type.IsGenericParameter)
            return type.Name;
        if (type.IsArray)
            return Name(type.GetElementType()!) + "[]";
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Name(underlying) + "?";

        var name = type.IsNested ? $"{Name(type.DeclaringType!)}.{type.Name}" : Scope(type) + type.Name;
        return type.IsGenericType && name.Contains('`', StringComparison.Ordinal) ? $"{name[..name.LastIndexOf('`')]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : name;
    }

    private static string Scope(Type type) => type.Namespace?.StartsWith("TasksBus", StringComparison.Ordinal) == true ? type.Namespace + "." : "";
}
