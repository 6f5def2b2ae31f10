using System.ComponentModel.DataAnnotations;

namespace TasksBus;

/// <summary>Sends the runs of tasks to a queue.</summary>
public sealed class QueueRoute
{
    /// <summary>The name of a task, or a pattern of names: <c>*</c> is any text, <c>?</c> one character, as in <c>Acme.Images.*</c>.</summary>
    [Required]
    public string Task { get; set; } = "";

    /// <summary>The queue.</summary>
    [Required]
    public string Queue { get; set; } = "";
}
