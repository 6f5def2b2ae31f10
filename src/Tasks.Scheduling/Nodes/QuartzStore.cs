using System.Data.Common;

using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

using Quartz;

namespace TasksBus.Nodes;

/// <summary>Where Quartz is to keep schedules, in place of the task queue's own store.</summary>
/// <param name="Name">Keeps schedulers apart that share a database; the same on all nodes.</param>
/// <param name="Configure">Says it in code.</param>
/// <param name="Section">Says it in the configuration.</param>
internal sealed record QuartzStore(string Name, Action<IQuartzBuilder>? Configure, IConfiguration? Section)
{
    private static readonly string[][] Places = [["Data Source", "Server", "Host"], ["Port"], ["Database", "Initial Catalog"]];

    /// <summary>The database, without its password, once Quartz has read where it is.</summary>
    public string Address { get; private set; } = $"the database of Quartz's scheduler {Name}";

    /// <summary>Says it to Quartz.</summary>
    public void Apply(IQuartzBuilder quartz)
    {
        Configure?.Invoke(quartz);
        quartz.Services.PostConfigureAll<DataSourceOptions>(source => Address = AddressOf(source.ConnectionString) ?? Address);
    }

    private static string? AddressOf(string? connectionString)
    {
        var parts = new DbConnectionStringBuilder { ConnectionString = connectionString };
        var places = Places.Select(names => names.Select(name => parts.TryGetValue(name, out var place) ? $"{place}" : null).FirstOrDefault(place => place is not null)).OfType<string>();
        return string.Join(' ', places) is { Length: > 0 } address ? address : null;
    }
}
