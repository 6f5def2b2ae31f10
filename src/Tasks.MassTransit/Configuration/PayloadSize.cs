namespace TasksBus.Configuration;

/// <summary>Says that a payload is too long.</summary>
internal static class PayloadSize
{
    public static string TooLong(string what, int length, int longest) =>
        $"{what} {length:N0} bytes of JSON long, more than {nameof(TaskQueueOptions.MaxPayloadSize)} = {longest:N0} allows. " +
        $"Store the data elsewhere and pass its address, or raise {nameof(TaskQueueOptions.MaxPayloadSize)} in every process.";
}
