using System.Linq.Expressions;

namespace TasksBus.Workflows;

/// <summary>Conversions after which the JSON of a value is still that of the target.</summary>
internal static class Conversions
{
    /// <summary>The integers and then the fractions, each of which holds those before it that the language widens to it.</summary>
    private static readonly Dictionary<Type, Type[]> Widening = new()
    {
        [typeof(sbyte)] = [typeof(short), typeof(int), typeof(long), typeof(float), typeof(double), typeof(decimal)],
        [typeof(byte)] = [typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong), typeof(float), typeof(double), typeof(decimal)],
        [typeof(short)] = [typeof(int), typeof(long), typeof(float), typeof(double), typeof(decimal)],
        [typeof(ushort)] = [typeof(int), typeof(uint), typeof(long), typeof(ulong), typeof(float), typeof(double), typeof(decimal)],
        [typeof(int)] = [typeof(long), typeof(float), typeof(double), typeof(decimal)],
        [typeof(uint)] = [typeof(long), typeof(ulong), typeof(float), typeof(double), typeof(decimal)],
        [typeof(long)] = [typeof(float), typeof(double), typeof(decimal)],
        [typeof(ulong)] = [typeof(float), typeof(double), typeof(decimal)],
        [typeof(float)] = [typeof(double)],
    };

    /// <summary>Whether a value of one type is one of the other: by reference, boxing, nullable or widening.</summary>
    public static bool Fits(Type from, Type to)
    {
        var target = Nullable.GetUnderlyingType(to) ?? to;
        var source = target == to ? from : Nullable.GetUnderlyingType(from) ?? from;
        return target.IsAssignableFrom(source) || (Widening.TryGetValue(source, out var wider) && wider.Contains(target));
    }

    public static bool KeepsJson(UnaryExpression conversion) => conversion.Method is null && Fits(conversion.Operand.Type, conversion.Type);

    /// <summary>The expression without the conversions that the compiler puts around it.</summary>
    public static Expression Strip(Expression expression)
    {
        while (expression is UnaryExpression { NodeType: ExpressionType.Convert } conversion && KeepsJson(conversion))
            expression = conversion.Operand;
        return expression;
    }
}

/// <summary>Finds whether an expression uses one of these parameters; a lambda inside it may have others of its own.</summary>
internal sealed class ParameterUse(IReadOnlyCollection<ParameterExpression> parameters) : ExpressionVisitor
{
    private bool _isFound;

    public static bool IsIn(Expression expression, IReadOnlyCollection<ParameterExpression> parameters)
    {
        var use = new ParameterUse(parameters);
        use.Visit(expression);
        return use._isFound;
    }

    protected override Expression VisitParameter(ParameterExpression node)
    {
        _isFound |= parameters.Contains(node);
        return node;
    }
}

/// <summary>What an expression without parameters gives now.</summary>
internal static class Value
{
    public static object? Of(Expression expression) =>
        expression is ConstantExpression constant
            ? constant.Value
            : Expression.Lambda<Func<object?>>(Expression.Convert(expression, typeof(object))).Compile(preferInterpretation: true)();
}
