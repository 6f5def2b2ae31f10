using System.Text;

namespace TasksBus.Tests.Tracking;

public class PayloadTests
{
    [Theory]
    [InlineData("{ \"x\": [1, 2] }")]
    [InlineData("42")]
    [InlineData("null")]
    public void Text_of_one_JSON_value_is_taken_as_it_is(string json) =>
        Assert.Equal(json, Payload.FromJson(Encoding.UTF8.GetBytes(json)).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("{ \"x\": 1")]
    [InlineData("{ x: 1 }")]
    [InlineData("1 2")]
    public void Text_that_is_not_one_JSON_value_is_refused(string json)
    {
        var refused = Assert.Throws<ArgumentException>(() => Payload.FromJson(Encoding.UTF8.GetBytes(json)));

        Assert.Contains($"{json.Length} bytes is not one JSON value", refused.Message, StringComparison.Ordinal);
    }
}
