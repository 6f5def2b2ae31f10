using System.Linq.Expressions;
using System.Reflection;

namespace TasksBus.Workflows;

/// <summary>
/// Reads an expression that constructs the arguments of a call, <c>page => new Extract(page.Text, "en")</c>, without running it: which properties
/// come from which parameter by which path, and which are known already.
/// </summary>
internal sealed class CallExpression
{
    private readonly LambdaExpression _next;
    private readonly Type _type;
    private readonly List<Binding> _inputs = [];
    private readonly List<KeyValuePair<Property, object?>> _known = [];

    private CallExpression(LambdaExpression next, Type type)
    {
        _next = next;
        _type = type;
    }

    /// <exception cref="InvalidWorkflowException">An argument depends on a parameter otherwise than by a path of properties.</exception>
    public static CallPart Read(LambdaExpression next)
    {
        ArgumentNullException.ThrowIfNull(next);
        var body = Conversions.Strip(next.Body);
        if (!ParameterUse.IsIn(body, next.Parameters))
        {
            return Value.Of(body) is ITask task
                ? CallPart.Of(task)
                : throw new InvalidWorkflowException($"'{next}' does not give the arguments of a task. Construct a class that implements {nameof(ITask)}.");
        }

        if (!typeof(ITask).IsAssignableFrom(body.Type))
            throw new InvalidWorkflowException($"'{next}' gives {body.Type.Name}, which is not the arguments of a task. Construct a class that implements {nameof(ITask)}.");
        return new CallExpression(next, body.Type).Read(body);
    }

    /// <summary>The property of the arguments that an expression like <c>(Extract next) => next.Page</c> names.</summary>
    /// <exception cref="InvalidWorkflowException">It is more than one property.</exception>
    public static Property Target(LambdaExpression into)
    {
        ArgumentNullException.ThrowIfNull(into);
        return Conversions.Strip(into.Body) is MemberExpression { Member: PropertyInfo property, Expression: ParameterExpression owner }
            ? new Property(owner.Type, property.Name)
            : throw new InvalidWorkflowException($"'{into}' says where a result goes, but is not a property of the arguments. Name one, as in (Extract next) => next.Page.");
    }

    private CallPart Read(Expression body)
    {
        if (PathOf(body) is { } whole)
            return new CallPart(_type, null, null) { Inputs = [new Binding(whole.Source, whole.Path, null)] };

        var construction = body as NewExpression ?? (body as MemberInitExpression)?.NewExpression ?? throw NotAConstruction();
        foreach (var (parameter, value) in (construction.Constructor?.GetParameters() ?? []).Zip(construction.Arguments))
            Take(PropertyOf(parameter), value);
        foreach (var binding in (body as MemberInitExpression)?.Bindings ?? [])
            Take(binding.Member, (binding as MemberAssignment)?.Expression ?? throw NotAConstruction());
        return new CallPart(_type, null, new PartialArguments(_type, _known)) { Inputs = _inputs };
    }

    private void Take(MemberInfo property, Expression value)
    {
        var target = new Property(_type, property.Name);
        _known.RemoveAll(one => one.Key == target);
        _inputs.RemoveAll(one => one.Into == target);
        if (!ParameterUse.IsIn(value, _next.Parameters))
            _known.Add(new(target, Value.Of(value)));
        else
            _inputs.Add(PathOf(value) is { } path ? new Binding(path.Source, path.Path, target) : throw NotAPath(property, value));
    }

    /// <summary>The parameter and the properties that lead from it to the value; null if anything else does.</summary>
    private (int Source, IReadOnlyList<Property> Path)? PathOf(Expression value)
    {
        var path = new List<Property>();
        for (var at = value; ;)
        {
            switch (at)
            {
                case ParameterExpression parameter:
                    path.Reverse();
                    return (_next.Parameters.IndexOf(parameter), path);
                case UnaryExpression { NodeType: ExpressionType.Convert } conversion when Conversions.KeepsJson(conversion):
                    at = conversion.Operand;
                    break;
                case MemberExpression { Expression: { } owner, Member.Name: nameof(Nullable<>.Value) } when Nullable.GetUnderlyingType(owner.Type) is not null:
                    at = owner;
                    break;
                case MemberExpression { Expression: { } owner, Member: PropertyInfo property } when JsonNames.MayHaveProperties(owner.Type):
                    path.Add(new Property(owner.Type, property.Name));
                    at = owner;
                    break;
                default:
                    return null;
            }
        }
    }

    private PropertyInfo PropertyOf(ParameterInfo parameter) =>
        _type.GetProperties().FirstOrDefault(property => string.Equals(property.Name, parameter.Name, StringComparison.OrdinalIgnoreCase))
        ?? throw new InvalidWorkflowException(
            $"Step '{_type.Name}': its constructor takes '{parameter.Name}', but it has no property of that name in which the JSON of the arguments could hold it. Add one, or set another property: new {_type.Name} {{ … }}.");

    private InvalidWorkflowException NotAPath(MemberInfo property, Expression value)
    {
        var whole = string.Join(" or ", _next.Parameters.Select(parameter => $"the whole result ({parameter.Name})"));
        return new(
            $"Step '{_type.Name}': its argument '{property.Name}' is taken from the step before by '{Conversions.Strip(value)}', which is an expression that is not a property. " +
            $"Give {whole}, a property of it ({_next.Parameters[0].Name}.Name), also of a property, or a value that does not depend on it; compute the rest in a handler.");
    }

    private InvalidWorkflowException NotAConstruction() =>
        new($"Step '{_type.Name}': '{_next}' does not just construct its arguments. Write new {_type.Name}(…) or new {_type.Name} {{ … }}, with values for its properties.");
}
