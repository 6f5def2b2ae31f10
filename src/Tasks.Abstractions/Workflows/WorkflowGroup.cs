using System.Text.Json.Serialization;

using TasksBus.Workflows;

namespace TasksBus;

/// <summary>Workflows side by side, with the list of their results in the order of the members.</summary>
/// <typeparam name="TResult">The result of each.</typeparam>
[JsonConverter(typeof(WorkflowJson))]
public sealed record WorkflowGroup<TResult> : Workflow<IReadOnlyList<TResult>>
{
    internal WorkflowGroup(GroupPart group)
        : base(group with { Absent = Absence.Of<TResult>() })
    {
    }

    /// <summary>What happens when a member does not succeed. Default: <see cref="FailurePolicy.WaitForAll"/>.</summary>
    public FailurePolicy FailurePolicy { get => Content.Policy; init => Part = Content with { Policy = value }; }

    private GroupPart Content => (GroupPart)Part;

    /// <summary>The same with another <see cref="FailurePolicy"/>.</summary>
    public WorkflowGroup<TResult> WithFailurePolicy(FailurePolicy policy) => this with { FailurePolicy = policy };

    /// <summary>The same, with its members one after the other held back a little longer, on top of the delays that they have.</summary>
    /// <param name="start">The delay of the first. 0 or more.</param>
    /// <param name="step">By how much each is held back longer than the one before. 0 or more.</param>
    /// <exception cref="InvalidWorkflowException">A span is below 0, or a member is no call.</exception>
    public WorkflowGroup<TResult> Staggered(TimeSpan start, TimeSpan step)
    {
        if (start < TimeSpan.Zero || step < TimeSpan.Zero)
            throw new InvalidWorkflowException($"A group is staggered from {start} by {step}. Give 0 or more.");
        return this with { Part = Content with { Members = [.. Content.Members.Select((member, index) => Delayed(member, index, start + (index * step)))] } };
    }

    private static Workflow Delayed(Workflow member, int index, TimeSpan delay)
    {
        if (member.Part is not CallPart call)
            throw new InvalidWorkflowException($"A group is staggered, but its member {index + 1}, '{member}', is no call whose run could be delayed. Let it begin with {nameof(Workflow.Wait)}.");
        var options = call.Options ?? new RunOptions();
        return member with { Part = call with { Options = options.NotBefore is { } instant ? options with { NotBefore = instant + delay } : options with { Delay = (options.Delay ?? TimeSpan.Zero) + delay } } };
    }
}
