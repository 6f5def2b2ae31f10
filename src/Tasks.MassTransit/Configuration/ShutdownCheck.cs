using Microsoft.Extensions.Hosting;

namespace TasksBus.Configuration;

/// <summary>Holds the time that attempts have when their worker stops against the time that its host has.</summary>
internal static class ShutdownCheck
{
    /// <exception cref="TaskQueueConfigurationException">The host would give up before anything is handed over.</exception>
    public static void Validate(TaskQueueOptions options, HostOptions host)
    {
        if (host.ShutdownTimeout == Timeout.InfiniteTimeSpan || options.ShutdownTimeout < host.ShutdownTimeout)
            return;
        throw new TaskQueueConfigurationException(
            $"{nameof(TaskQueueOptions)}.{nameof(TaskQueueOptions.ShutdownTimeout)} is '{options.ShutdownTimeout}', but the host gives up stopping after '{host.ShutdownTimeout}' " +
            $"({nameof(HostOptions)}.{nameof(HostOptions.ShutdownTimeout)}), so that no run would be handed over. Raise that of the host, as in services.Configure<HostOptions>(host => host.ShutdownTimeout = ...), " +
            $"to more than this one and {nameof(TaskQueueOptions.CancellationGrace)} ('{options.CancellationGrace}') together, or lower {nameof(TaskQueueOptions.ShutdownTimeout)}.");
    }
}
