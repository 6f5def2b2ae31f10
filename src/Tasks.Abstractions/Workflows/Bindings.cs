namespace TasksBus.Workflows;

/// <summary>An argument that comes from a step before.</summary>
/// <param name="Source">Which one of those that stand before, from 0.</param>
/// <param name="Path">The properties of its result that lead to the value; none: the whole.</param>
/// <param name="Into">The property of the arguments; null: it is the arguments.</param>
internal sealed record Binding(int Source, IReadOnlyList<Property> Path, Property? Into);

/// <summary>A property whose name in JSON is settled when the JSON is written.</summary>
/// <param name="Owner">The type that has it; null if <paramref name="Name"/> is that in JSON.</param>
/// <param name="Name">Its name in C#, or in JSON.</param>
internal sealed record Property(Type? Owner, string Name);

/// <summary>Arguments of which only these properties are known yet.</summary>
internal sealed record PartialArguments(Type Type, IReadOnlyList<KeyValuePair<Property, object?>> Values);
