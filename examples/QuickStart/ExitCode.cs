using TasksBus;

namespace QuickStart;

/// <summary>What the program ends with: 0 for a result, 2 for a wrong command line, 1 for whatever else its message explains.</summary>
internal static class ExitCode
{
    /// <summary>The code of an exception whose message says all there is to say; null for others, which keep their stack trace.</summary>
    public static int? Of(Exception exception) => exception switch
    {
        UsageException or TaskQueueConfigurationException => 2,
        SubmitException or StoreUnavailableException => 1,
        TaskFailedException or TaskRevokedException or TaskExpiredException or TaskNotFoundException or OperationCanceledException => 1,
        _ => null,
    };
}
