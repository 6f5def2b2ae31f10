using TasksBus.Tests.Examples;

namespace TasksBus.Tests.Architecture;

/// <summary>What users can see changes only on purpose: the listing of each package is kept beside this test.</summary>
/// <remarks>To accept a change, run these tests with TASKSBUS_ACCEPT_API=1 and commit what they wrote.</remarks>
public sealed class PublicApiTests
{
    [Theory]
    [InlineData("TasksBus.Abstractions")]
    [InlineData("TasksBus.MassTransit")]
    [InlineData("TasksBus.Redis")]
    [InlineData("TasksBus.Scheduling")]
    [InlineData("TasksBus.Testing")]
    public void The_public_types_and_members_of_a_package_are_those_that_were_accepted(string package)
    {
        var file = Path.Combine(Repository.Root, "test", "Tasks.Tests", "Architecture", package + ".txt");
        var actual = PublicApi.List(System.Reflection.Assembly.Load(package));
        if (Environment.GetEnvironmentVariable("TASKSBUS_ACCEPT_API") == "1")
            File.WriteAllLines(file, actual);

        var accepted = File.ReadAllLines(file);

        Assert.Empty(actual.Except(accepted, StringComparer.Ordinal).Select(line => "not accepted: " + line));
        Assert.Empty(accepted.Except(actual, StringComparer.Ordinal).Select(line => "gone: " + line));
    }
}
