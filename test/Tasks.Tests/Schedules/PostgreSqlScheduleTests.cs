using Microsoft.Extensions.DependencyInjection;

using Quartz;

using TasksBus.Configuration;

namespace TasksBus.Tests.Schedules;

/// <summary>Schedules in a clustered PostgreSQL, where the prefix of each test is a cluster of its own.</summary>
public sealed class PostgreSqlScheduleTests(OwnPostgreSql postgreSql) : ScheduleBehaviour, IClassFixture<OwnPostgreSql>
{
    protected override void UseServers(ITaskQueueBuilder queue) =>
        queue.UseQuartzStore(store => store.UsePostgres(postgreSql.ConnectionString).ProvisionSchema().UseClustering());
}
