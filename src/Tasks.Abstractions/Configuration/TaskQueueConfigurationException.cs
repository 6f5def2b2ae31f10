namespace TasksBus;

/// <summary>The task queue cannot start as it is configured. The message names the option, its value, the broken rule and the way out.</summary>
public sealed class TaskQueueConfigurationException : Exception
{
    /// <summary>Something is configured wrongly.</summary>
    public TaskQueueConfigurationException()
        : this("The task queue cannot start as it is configured.")
    {
    }

    /// <summary>Something is configured wrongly.</summary>
    /// <param name="message">What, its value, the rule, and the way out.</param>
    public TaskQueueConfigurationException(string message)
        : base(message)
    {
    }

    /// <summary>Something is configured wrongly.</summary>
    /// <param name="message">What, its value, the rule, and the way out.</param>
    /// <param name="innerException">What found it.</param>
    public TaskQueueConfigurationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
