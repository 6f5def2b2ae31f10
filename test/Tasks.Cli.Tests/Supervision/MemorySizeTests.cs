using TasksBus.Cli.Supervision;

namespace TasksBus.Cli.Tests.Supervision;

/// <summary>Sizes of memory as people write them.</summary>
public sealed class MemorySizeTests
{
    [Theory]
    [InlineData("200MB", 209_715_200)]
    [InlineData("200 mb", 209_715_200)]
    [InlineData("1.5GB", 1_610_612_736)]
    [InlineData("64KB", 65_536)]
    [InlineData("12B", 12)]
    [InlineData("200000000", 200_000_000)]
    public void A_size_is_a_number_with_or_without_a_unit(string text, long bytes)
    {
        Assert.Equal(bytes, MemorySize.Parse(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("MB")]
    [InlineData("lots")]
    [InlineData("-5MB")]
    [InlineData("0")]
    [InlineData("1,5GB")]
    [InlineData("99999999999999999999999GB")]
    public void What_is_no_size_is_refused(string text)
    {
        Assert.Null(MemorySize.Parse(text));
    }
}
