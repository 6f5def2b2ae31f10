using Quartz.Impl.Triggers;

namespace TasksBus.Rules;

/// <summary>Again and again after the same time, as Quartz's simple trigger has it.</summary>
internal sealed class Intervals(TimeSpan interval, DateTimeOffset from) : IInstants
{
    private readonly SimpleTriggerImpl _trigger = new() { StartTimeUtc = from, RepeatInterval = interval, RepeatCount = SimpleTriggerImpl.RepeatIndefinitely };

    public DateTimeOffset? Next(DateTimeOffset after) => after < from ? from : _trigger.GetFireTimeAfter(after);
}

/// <summary>One instant.</summary>
internal sealed class SingleInstant(DateTimeOffset at) : IInstants
{
    public DateTimeOffset? Next(DateTimeOffset after) => after < at ? at : null;
}
