using Microsoft.Extensions.Configuration;

using Quartz;

namespace TasksBus.Nodes;

/// <summary>Where Quartz is to keep schedules, in place of the task queue's own store.</summary>
/// <param name="Name">Keeps schedulers apart that share a database; the same on all nodes.</param>
/// <param name="Configure">Says it in code.</param>
/// <param name="Section">Says it in the configuration.</param>
internal sealed record QuartzStore(string Name, Action<IQuartzBuilder>? Configure, IConfiguration? Section);
