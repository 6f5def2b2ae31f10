using TasksBus.Client;
using TasksBus.Configuration;

namespace TasksBus.Schedules;

/// <summary>Sees, when a schedule is put, that what it will submit again and again can be submitted. Safe to share between threads.</summary>
internal sealed class ScheduledCalls(TaskCatalogue catalogue, TimeProvider clock)
{
    private readonly RunRequest _request = new(catalogue, clock);

    /// <summary>What this process knows of tasks.</summary>
    public TaskCatalogue Catalogue => catalogue;

    /// <summary>Checks a call; a task that this process does not know may be known to others.</summary>
    /// <returns>Its arguments.</returns>
    /// <exception cref="UnknownQueueException">The queue is not one that this process knows.</exception>
    /// <exception cref="ArgumentException">The arguments or the options cannot be, or are those of a single run.</exception>
    public Payload Check(string schedule, string taskName, object? arguments, RunOptions? options)
    {
        if (options is { RunId: not null } or { NotBefore: not null } or { ExpiresAt: not null })
        {
            throw new ArgumentException(
                $"Schedule '{schedule}': {nameof(RunOptions.RunId)}, {nameof(RunOptions.NotBefore)} and {nameof(RunOptions.ExpiresAt)} belong to a single run. " +
                $"Use {nameof(RunOptions.Delay)} and {nameof(RunOptions.ExpiresIn)}.",
                nameof(options));
        }

        try
        {
            return _request.Create(catalogue.OptionsOf(taskName), arguments, options, isQueueSettled: options?.Queue is null).Message.Arguments!;
        }
        catch (UnknownQueueException exception)
        {
            throw new UnknownQueueException($"Schedule '{schedule}': {exception.Message}");
        }
        catch (ArgumentException exception)
        {
            throw new ArgumentException($"Schedule '{schedule}': {exception.Message}", nameof(options), exception);
        }
    }
}
