using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

using Microsoft.Extensions.Configuration;

namespace TasksBus.Configuration;

/// <summary>A schedule as the configuration has it, in the section <c>Schedules</c> of the task queue's, under its name.</summary>
internal sealed class ScheduleSettings
{
    /// <summary>The name of the section.</summary>
    public const string Section = "Schedules";

    private const string Arguments = "Arguments";

    private const string RuleNames = $"{nameof(Every)}, {nameof(Cron)}, {nameof(Calendar)}, {nameof(Once)} or {nameof(Solar)}";

    public string? Task { get; set; }

    /// <summary>In place of a task, a workflow as the text of its JSON: the configuration would make texts of all numbers in it.</summary>
    public string? Workflow { get; set; }

    public TimeSpan? Every { get; set; }

    public string? Cron { get; set; }

    public CalendarSettings? Calendar { get; set; }

    public DateTimeOffset? Once { get; set; }

    public SolarSettings? Solar { get; set; }

    public string? TimeZone { get; set; }

    public DateTimeOffset? StartAt { get; set; }

    public DateTimeOffset? EndAt { get; set; }

    public TimeSpan Jitter { get; set; }

    public ExcludedSettings? Excluded { get; set; }

    public MissedRule Missed { get; set; }

    public TimeSpan? MissedAfter { get; set; }

    public int? MaxMissedRuns { get; set; }

    public OverlapRule Overlap { get; set; }

    public int? History { get; set; }

    public string? Queue { get; set; }

    public int? Priority { get; set; }

    public TimeSpan? ExpiresIn { get; set; }

    public Dictionary<string, string>? Headers { get; set; }

    /// <summary>Of a workflow alone, as is <see cref="Lifetime"/>.</summary>
    public TimeSpan? Timeout { get; set; }

    public TimeSpan? Lifetime { get; set; }

    /// <summary>Reads every schedule of a task queue's section.</summary>
    /// <exception cref="TaskQueueConfigurationException">One cannot be read.</exception>
    public static IEnumerable<TaskSchedule> ReadAll(IConfiguration section, TaskCatalogue catalogue) =>
        section.GetSection(Section).GetChildren().Select(schedule => Read(schedule, catalogue));

    private static TaskSchedule Read(IConfigurationSection section, TaskCatalogue catalogue)
    {
        var properties = typeof(ScheduleSettings).GetProperties().Select(property => property.Name).Append(Arguments).ToList();
        foreach (var entry in section.GetChildren().Where(entry => !properties.Contains(entry.Key, StringComparer.OrdinalIgnoreCase)))
            throw new TaskQueueConfigurationException($"The configuration entry '{entry.Path}' is no part of a schedule.{NearMiss.For(entry.Key, properties)} Correct its name or remove it.");

        foreach (var instant in new[] { nameof(Once), nameof(StartAt), nameof(EndAt) })
            RefuseLocal(section.GetSection(instant));
        foreach (var property in typeof(ScheduleSettings).GetProperties())
            ConfiguredValue.Check(section.GetSection(property.Name), property.PropertyType);
        try
        {
            var settings = section.Get<ScheduleSettings>() ?? new ScheduleSettings();
            settings.Calendar = Whole<CalendarSettings>(section.GetSection(nameof(Calendar)));
            settings.Solar = Whole<SolarSettings>(section.GetSection(nameof(Solar)));
            settings.Excluded = Whole<ExcludedSettings>(section.GetSection(nameof(Excluded)));
            return settings.ToSchedule(section.Key, section.Path, ArgumentsOf(section.GetSection(Arguments), settings.Task, catalogue));
        }
        catch (InvalidOperationException exception)
        {
            throw new TaskQueueConfigurationException($"Schedule '{section.Key}' cannot be read from the configuration: {exception.Message} {exception.InnerException?.Message}", exception);
        }
    }

    /// <remarks>It would be another instant on each machine whose clock shows another zone.</remarks>
    private static void RefuseLocal(IConfigurationSection entry)
    {
        if (DateTime.TryParse(entry.Value, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time) && time.Kind == DateTimeKind.Unspecified)
            throw new TaskQueueConfigurationException($"The configuration entry '{entry.Path}' is '{entry.Value}', which does not say of which zone. Write {time:yyyy-MM-ddTHH:mm:ss}Z for UTC, or with the offset, as in {time:yyyy-MM-ddTHH:mm:ss}+02:00.");
    }

    /// <remarks>What it does not know is refused, and so is what is not what it should be: the binder leaves such entries of lists out otherwise.</remarks>
    private static T? Whole<T>(IConfigurationSection section) => section.Get<T>(binder => binder.ErrorOnUnknownConfiguration = true);

    private TaskSchedule ToSchedule(string name, string path, object? arguments) => (Workflow is null ? OfTask(name, path, arguments) : OfWorkflow(name, path, arguments)) with
    {
        TimeZone = TimeZone ?? "UTC",
        StartAt = StartAt,
        EndAt = EndAt,
        Jitter = Jitter,
        Excluded = Excluded?.ToDays(),
        Missed = Missed,
        MissedAfter = MissedAfter ?? TimeSpan.FromMinutes(1),
        MaxMissedRuns = MaxMissedRuns ?? 100,
        Overlap = Overlap,
        History = History ?? 20,
    };

    private TaskSchedule OfTask(string name, string path, object? arguments)
    {
        Refuse(path, "of a task", "that belongs to a workflow", (nameof(Timeout), Timeout), (nameof(Lifetime), Lifetime));
        return new TaskSchedule(name, Required(Task, path), arguments, Rule(path))
        {
            Options = new RunOptions { Queue = Queue, Priority = Priority, ExpiresIn = ExpiresIn, Headers = Headers },
        };
    }

    private TaskSchedule OfWorkflow(string name, string path, object? arguments)
    {
        Refuse(path, "of a workflow", "that belongs to a task; give the calls of the workflow their own", (nameof(Task), Task), (nameof(Queue), Queue), (nameof(ExpiresIn), ExpiresIn), (Arguments, arguments));
        try
        {
            var workflow = JsonSerializer.Deserialize<Workflow>(Workflow!) ?? throw new JsonException("It is null.");
            var options = new WorkflowOptions { Timeout = Timeout, Priority = Priority, Headers = Headers };
            return new TaskSchedule(name, workflow, Rule(path)) { WorkflowOptions = Lifetime is { } lifetime ? options with { Lifetime = lifetime } : options };
        }
        catch (JsonException exception)
        {
            throw new TaskQueueConfigurationException($"'{path}:{nameof(Workflow)}' is not the JSON of a workflow, as JsonSerializer.Serialize(workflow) writes it: {exception.Message}", exception);
        }
    }

    private static void Refuse(string path, string what, string why, params ReadOnlySpan<(string Name, object? Value)> settings)
    {
        foreach (var (name, value) in settings)
        {
            if (value is not null)
                throw new TaskQueueConfigurationException($"'{path}:{name}' is '{value}' for a schedule {what}, but {why}. Remove it.");
        }
    }

    private ScheduleRule Rule(string path)
    {
        ScheduleRule?[] rules =
        [
            Every is { } interval ? ScheduleRule.Every(interval) : null,
            Cron is { } expression ? ScheduleRule.Cron(expression) : null,
            Calendar?.ToRule(path),
            Once is { } at ? ScheduleRule.Once(at) : null,
            Solar?.ToRule(path),
        ];
        return rules.OfType<ScheduleRule>().ToList() is [var rule] ? rule : throw new TaskQueueConfigurationException($"'{path}' does not say when. Give it one of {RuleNames}, and not two.");
    }

    private static string Required(string? task, string path) =>
        string.IsNullOrWhiteSpace(task) ? throw new TaskQueueConfigurationException($"'{path}' does not say what to run. Give it the name of a task in '{nameof(Task)}', or a workflow in '{nameof(Workflow)}'.") : task;

    /// <remarks>The configuration has nothing but texts: of a task that this process knows, the type says what they are.</remarks>
    private static object? ArgumentsOf(IConfigurationSection section, string? task, TaskCatalogue catalogue)
    {
        if (!section.Exists())
            return null;
        return task is not null && catalogue.Find(task) is { } known ? section.Get(known.ArgumentsType) : ToJson(section);
    }

    private static JsonNode? ToJson(IConfigurationSection section)
    {
        var entries = section.GetChildren().ToList();
        if (entries.Count == 0)
            return section.Value;
        return entries.TrueForAll(entry => int.TryParse(entry.Key, CultureInfo.InvariantCulture, out _))
            ? new JsonArray([.. entries.Select(ToJson)])
            : new JsonObject(entries.Select(entry => KeyValuePair.Create(entry.Key, ToJson(entry))));
    }
}

/// <summary><see cref="CalendarRule"/> as the configuration has it.</summary>
internal sealed class CalendarSettings
{
    public CalendarUnit? Unit { get; set; }

    public TimeOnly? At { get; set; }

    public int Every { get; set; } = 1;

    public int? Number { get; set; }

    public CalendarDayKind? On { get; set; }

    public int? Month { get; set; }

    public ScheduleRule ToRule(string path)
    {
        if (Unit is not { } unit || At is not { } at)
            throw new TaskQueueConfigurationException($"'{path}:{nameof(ScheduleSettings.Calendar)}' lacks '{(Unit is null ? nameof(Unit) : nameof(At))}'. Give it {nameof(Unit)}, one of {string.Join(", ", Enum.GetNames<CalendarUnit>())}, and {nameof(At)}, as in 18:00.");
        if (Number is not null && On is null)
            throw new TaskQueueConfigurationException($"'{path}:{nameof(ScheduleSettings.Calendar)}' has {nameof(Number)} {Number}, but no '{nameof(On)}' that says of what. Give one of {string.Join(", ", Enum.GetNames<CalendarDayKind>())}.");
        return ScheduleRule.Calendar(unit, at, On is { } kind ? new CalendarDay(Number ?? 1, kind) : null, Every, Month);
    }
}

/// <summary><see cref="SolarRule"/> as the configuration has it.</summary>
internal sealed class SolarSettings
{
    public SolarEvent? Event { get; set; }

    public double? Latitude { get; set; }

    public double? Longitude { get; set; }

    public ScheduleRule ToRule(string path) => this is { Event: { } @event, Latitude: { } latitude, Longitude: { } longitude }
        ? ScheduleRule.Solar(@event, latitude, longitude)
        : throw new TaskQueueConfigurationException(
            $"'{path}:{nameof(ScheduleSettings.Solar)}' lacks '{Missing}'. " +
            $"Give it {nameof(Event)}, one of {string.Join(", ", Enum.GetNames<SolarEvent>())}, and {nameof(Latitude)} and {nameof(Longitude)} in degrees.");

    private string Missing => this switch
    {
        { Event: null } => nameof(Event),
        { Latitude: null } => nameof(Latitude),
        _ => nameof(Longitude),
    };
}

/// <summary><see cref="ExcludedDays"/> as the configuration has it.</summary>
internal sealed class ExcludedSettings
{
    public IList<DayOfWeek> Weekdays { get; } = [];

    public IList<DateOnly> Dates { get; } = [];

    public IList<DateOnly> Yearly { get; } = [];

    public ExcludedDays ToDays() => new() { Weekdays = [.. Weekdays], Dates = [.. Dates], Yearly = [.. Yearly] };
}
