using System.ComponentModel.DataAnnotations;

namespace TasksBus;

/// <summary>How many attempts may run, and how many may start, on all workers together. What is null is not limited.</summary>
public sealed class LimitOptions : IValidatableObject
{
    /// <summary>How many attempts may run at a time. 1 to 1,000,000. Default: null, as many as the workers have room for.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Give 1 to 1,000,000, or null for no limit. To let nothing run, pause the queue.")]
    public int? MaxConcurrent { get; set; }

    /// <summary>How many attempts may start in a time, as in <c>10/s</c>, <c>100/m</c> or <c>2/h</c>, evenly spread. Default: null, as many as come.</summary>
    [CustomValidation(typeof(RateLimit), nameof(RateLimit.Check))]
    public string? Rate { get; set; }

    /// <summary>How many of them may start at once after a pause, before <see cref="Rate"/> spreads them. 1 to 1,000,000. Default: 1.</summary>
    [Range(1, 1_000_000)]
    public int Burst { get; set; } = 1;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Burst > 1 && Rate is null)
            yield return new ValidationResult($"Without a {nameof(Rate)}, nothing is spread. Set {nameof(Rate)} too, or {nameof(MaxConcurrent)} for how many may run at a time.", [nameof(Burst)]);
    }
}
