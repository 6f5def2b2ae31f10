using StackExchange.Redis;

namespace TasksBus.Storage;

/// <summary>Reads the connection string.</summary>
internal static class RedisOptions
{
    /// <summary>Reads a connection string, and sets what we depend on.</summary>
    /// <exception cref="TaskQueueConfigurationException">It cannot be read, names no address, or has a prefix for channels.</exception>
    public static ConfigurationOptions Parse(string configuration)
    {
        var options = Read(configuration);

        // Without it the first connection would fail for good if Redis starts after us.
        options.AbortOnConnectFail = false;

        if (options.EndPoints.Count == 0)
            throw new TaskQueueConfigurationException($"The Redis connection string names no address{Unread(configuration)}. Begin it with host:port, the port from 1 to 65535.");
        if (!options.ChannelPrefix.IsNullOrEmpty)
        {
            throw new TaskQueueConfigurationException(
                "The Redis connection string has a channelPrefix. Scripts publish without it, so nobody would hear them; " +
                $"remove it, and use {nameof(TaskQueueOptions.Prefix)} to keep task queues apart.");
        }

        return options;
    }

    /// <remarks>The client passes over what it cannot read. What begins the string is no option, so no password, unless one was put before an @ as in a URL.</remarks>
    private static string Unread(string configuration) =>
        configuration.Split(',')[0].Trim() is { Length: > 0 } first && first.IndexOfAny(['=', '@']) < 0 ? $": '{first}' is none" : "";

    // The string may hold a password, so no message may repeat it.
    private static ConfigurationOptions Read(string configuration)
    {
        if (configuration.Contains("://", StringComparison.Ordinal))
        {
            throw new TaskQueueConfigurationException(
                "The Redis connection string is a URL, which StackExchange.Redis does not read. Write it as host:port,password=…,ssl=true.");
        }

        try
        {
            return ConfigurationOptions.Parse(configuration);
        }
        catch (ArgumentException error)
        {
            throw new TaskQueueConfigurationException(
                $"The Redis connection string cannot be read: {error.Message}. Write it as host:port,password=…,ssl=true.", error);
        }
    }
}
