using Microsoft.Extensions.Configuration;

using Quartz;

using TasksBus.Rules;

namespace TasksBus.Configuration;

/// <summary>What is said of schedules before the host starts. One for each service collection.</summary>
internal sealed class ScheduleDeclarations
{
    private readonly List<TaskSchedule> _schedules = [];
    private readonly List<Action<ScheduleOptions>> _configure = [];

    /// <summary>Where schedules are kept, if not in the task queue's own store.</summary>
    public (Action<IQuartzBuilder>? Configure, IConfiguration? Section)? Database { get; set; }

    public void Add(TaskSchedule schedule) => _schedules.Add(schedule);

    public void Configure(Action<ScheduleOptions> configure) => _configure.Add(configure);

    /// <summary>Settles the options.</summary>
    /// <exception cref="TaskQueueConfigurationException">An option is out of its range.</exception>
    public ScheduleOptions Options()
    {
        var options = new ScheduleOptions();
        foreach (var configure in _configure)
            configure(options);
        OptionsCheck.Validate(options, "Schedules");
        return options;
    }

    /// <summary>Every schedule that is declared in code; of those in the configuration that have the same name, these win.</summary>
    /// <exception cref="TaskQueueConfigurationException">A schedule cannot be.</exception>
    public IReadOnlyList<TaskSchedule> Settle(IReadOnlyList<TaskSchedule> configured, DateTimeOffset now)
    {
        var twice = _schedules.GroupBy(schedule => schedule.Name, StringComparer.Ordinal).FirstOrDefault(same => same.Skip(1).Any());
        if (twice is not null)
            throw new TaskQueueConfigurationException($"Schedule '{twice.Key}' is added {twice.Count()} times. Give each a name of its own.");

        var names = configured.Select(schedule => schedule.Name).ToHashSet(StringComparer.Ordinal);
        IReadOnlyList<TaskSchedule> all = [.. configured, .. _schedules.Where(schedule => !names.Contains(schedule.Name))];
        foreach (var schedule in all)
            Check(schedule, now);
        return all;
    }

    private static void Check(TaskSchedule schedule, DateTimeOffset now)
    {
        try
        {
            _ = new Timetable(schedule, now);
        }
        catch (FormatException fault)
        {
            throw new TaskQueueConfigurationException($"Schedule '{schedule.Name}': {fault.Message}", fault);
        }
    }
}
