using TasksBus.Pipeline;

namespace TasksBus.Tests.Pipeline;

/// <summary>Which exceptions are tried again.</summary>
public sealed class RetryRuleTests
{
    private readonly RetryOptions _retry = new();

    [Fact]
    public void Every_exception_is_tried_again_unless_a_rule_says_otherwise() => Assert.True(RetryRule.Allows(_retry, new InvalidOperationException()));

    [Fact]
    public void Only_the_named_exceptions_are_tried_again_once_one_is_named()
    {
        _retry.Only<TimeoutException>();

        Assert.True(RetryRule.Allows(_retry, new TimeoutException()));
        Assert.False(RetryRule.Allows(_retry, new InvalidOperationException()));
    }

    [Fact]
    public void Naming_a_base_type_names_those_derived_from_it()
    {
        _retry.Only<IOException>().Never<ArgumentException>();

        Assert.True(RetryRule.Allows(_retry, new FileNotFoundException()));
        Assert.False(RetryRule.Allows(_retry, new ArgumentNullException("argument")));
    }

    [Fact]
    public void Never_wins_over_only()
    {
        _retry.Only<IOException>().Never<FileNotFoundException>();

        Assert.True(RetryRule.Allows(_retry, new EndOfStreamException()));
        Assert.False(RetryRule.Allows(_retry, new FileNotFoundException()));
    }

    [Fact]
    public void Types_can_be_given_by_their_full_names()
    {
        _retry.NeverOn.Add("System.ArithmeticException");

        Assert.False(RetryRule.Allows(_retry, new DivideByZeroException()));
    }
}
