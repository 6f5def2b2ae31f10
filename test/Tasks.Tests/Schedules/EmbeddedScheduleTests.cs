using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

using Quartz;

using TasksBus.Configuration;

namespace TasksBus.Tests.Schedules;

/// <summary>Schedules in the memory of one process.</summary>
public sealed class EmbeddedScheduleTests : ScheduleBehaviour
{
    protected override void UseServers(ITaskQueueBuilder queue)
    {
    }
}

/// <summary>Schedules of one process in a SQLite file.</summary>
public sealed class SqliteScheduleTests : ScheduleBehaviour, IDisposable
{
    private readonly FileInfo _file = new(Path.Combine(Path.GetTempPath(), $"schedules-{Guid.NewGuid():N}.db"));

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _file.Delete();
    }

    protected override void UseServers(ITaskQueueBuilder queue) => queue.UseQuartzStore(store => store.UseSqlite($"Data Source={_file.FullName}").ProvisionSchema());
}
