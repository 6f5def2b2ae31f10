using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TasksBus.Workflows;

/// <summary>Writes every kind of workflow as a <see cref="WorkflowDocument"/>, and reads it as the kind that is asked for.</summary>
internal sealed class WorkflowJson : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) => typeof(Workflow).IsAssignableFrom(typeToConvert);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Converter<>).MakeGenericType(typeToConvert))!;

    private sealed class Converter<TWorkflow> : JsonConverter<TWorkflow>
        where TWorkflow : Workflow
    {
        public override TWorkflow Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var document = JsonSerializer.Deserialize<WorkflowDocument>(ref reader, WorkflowDocument.Options) ?? new WorkflowDocument();
            try
            {
                var part = document.ToPart();
                return (TWorkflow)document.Complete(Create(Kind(part), part));
            }
            catch (InvalidWorkflowException exception)
            {
                throw new JsonException(exception.Message, exception);
            }
        }

        public override void Write(Utf8JsonWriter writer, TWorkflow value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, WorkflowDocument.Of(value, options), WorkflowDocument.Options);

        private static Workflow Create(Type kind, Part part)
        {
            var constructor = kind.GetConstructors(BindingFlags.NonPublic | BindingFlags.Instance).First(one => one.GetParameters() is [{ ParameterType: var taken }] && taken.IsAssignableTo(typeof(Part)));
            return constructor.GetParameters()[0].ParameterType.IsInstanceOfType(part)
                ? (Workflow)constructor.Invoke([part])
                : throw new JsonException($"The JSON is that of a {part.Describe()}, which is no {kind.Name}. Read it as {nameof(Workflow)}.");
        }

        /// <summary>The kind that was asked for, or the one of it that a call is.</summary>
        private static Type Kind(Part part)
        {
            var asked = typeof(TWorkflow);
            if (part is not CallPart { IsMany: false })
                return asked;
            if (asked == typeof(Workflow))
                return typeof(TaskCall);
            return asked.IsGenericType && asked.GetGenericTypeDefinition() == typeof(Workflow<>) ? typeof(TaskCall<>).MakeGenericType(asked.GetGenericArguments()) : asked;
        }
    }
}
