using System.Data.Common;
using System.Net.Sockets;

using Quartz;

using TasksBus.Nodes;

namespace TasksBus.Database;

/// <summary>Which errors mean that a database does not answer, and how to say so.</summary>
internal static class DatabaseErrors
{
    /// <summary>Asks the database.</summary>
    /// <exception cref="StoreUnavailableException">It does not answer.</exception>
    public static async Task<T> Ask<T>(this QuartzAlarms alarms, Func<IScheduler, Task<T>> ask)
    {
        try
        {
            return await ask(await alarms.Scheduler.ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception exception) when (Cause(exception) is { } cause)
        {
            throw new StoreUnavailableException(alarms.Address, Sentence(cause.Message), exception);
        }
    }

    /// <summary>What stands behind all that Quartz and drivers say of it; null: something else is wrong.</summary>
    private static Exception? Cause(Exception exception)
    {
        for (var error = exception; error is not null; error = error.InnerException)
        {
            if (error is DbException or SocketException or TimeoutException or IOException)
                return error;
        }

        return exception is SchedulerException ? exception : null;
    }

    private static string Sentence(string message) => message.TrimEnd('.') + ".";
}
