using TasksBus.Configuration;

namespace TasksBus.Tests.Configuration;

/// <summary>What a supervisor tells its workers by environment variables.</summary>
public sealed class SupervisorSettingsTests
{
    private readonly TaskQueueOptions _options = new() { RecycleAfterRuns = 7, RecycleAboveMemory = 70_000_000, RecycleWhenLeftBehind = true };

    [Fact]
    public void It_wins_over_the_options()
    {
        Apply(
            (WorkerVariables.RecycleAfterRuns, "100"), (WorkerVariables.RecycleAboveMemory, "200000000"), (WorkerVariables.RecycleWhenLeftBehind, "false"));

        Assert.Equal((100, 200_000_000, false), (_options.RecycleAfterRuns, _options.RecycleAboveMemory, _options.RecycleWhenLeftBehind));
    }

    [Fact]
    public void What_is_not_set_leaves_the_options_alone()
    {
        Apply((WorkerVariables.RecycleAfterRuns, ""));

        Assert.Equal((7, 70_000_000, true), (_options.RecycleAfterRuns, _options.RecycleAboveMemory, _options.RecycleWhenLeftBehind));
    }

    [Theory]
    [InlineData(WorkerVariables.RecycleAfterRuns, "0", "a whole number, 1 or more")]
    [InlineData(WorkerVariables.RecycleAfterRuns, "many", "a whole number, 1 or more")]
    [InlineData(WorkerVariables.RecycleAboveMemory, "200MB", "a whole number, 1048576 or more")]
    [InlineData(WorkerVariables.RecycleWhenLeftBehind, "yes", "true or false")]
    public void A_bad_value_is_refused_with_the_variable_the_value_and_the_rule(string variable, string value, string rule)
    {
        var error = Assert.Throws<TaskQueueConfigurationException>(() => Apply((variable, value)));

        Assert.Equal($"The environment variable {variable} is '{value}'. Give {rule}, or do not set it.", error.Message);
    }

    private void Apply(params (string Name, string Value)[] variables) =>
        SupervisorSettings.Apply(_options, name => variables.SingleOrDefault(variable => variable.Name == name).Value);
}
