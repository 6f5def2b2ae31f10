using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

using TasksBus.Configuration;
using TasksBus.InMemory;
using TasksBus.Occurrences;
using TasksBus.Schedules;

namespace TasksBus.Tests.Schedules;

/// <summary>A node without a timer: a test moves the clock, says when it looks, and sees what it does.</summary>
internal sealed class ScheduleRig : IAlarms, IScheduleAction
{
    public const string Name = "rig";

    private const string Group = "tests";

    private readonly List<Occurrence> _done;
    private readonly OccurrenceDispatcher _dispatcher;

    public ScheduleRig(ScheduleRig? other = null)
    {
        Clock = other?.Clock ?? new FakeTimeProvider(RuleData.Instant("2026-01-01T00:00:00Z"));
        Store = other?.Store ?? new StoredSchedules(new Foundation(null!, null!, new TestFoundation(new InMemorySagaStores(Clock), null!, null!, null!)));
        _done = other?._done ?? [];
        Book = new ScheduleBook(Store, Clock);
        _dispatcher = new OccurrenceDispatcher(Store, [this], this, ahead: TimeSpan.Zero, Clock, NullLogger<OccurrenceDispatcher>.Instance);
    }

    public FakeTimeProvider Clock { get; }

    public StoredSchedules Store { get; }

    public ScheduleBook Book { get; }

    public string Kind => "test";

    /// <summary>What the alarm was set to last.</summary>
    public DateTimeOffset? Alarm { get; private set; }

    /// <summary>Signalled each time an alarm is set.</summary>
    public SemaphoreSlim AlarmSet { get; } = new(0);

    /// <summary>What is thrown in place of doing anything.</summary>
    public Exception? Error { get; set; }

    /// <summary>What has not ended.</summary>
    public HashSet<Guid> UnderWay { get; } = [];

    /// <summary>How what has ended did.</summary>
    public Dictionary<Guid, ScheduleOutcome> Outcomes { get; } = [];

    public List<Guid> Revoked { get; } = [];

    /// <summary>Until when what was done is not recorded: this node is held still.</summary>
    public Task Held { get; set; } = Task.CompletedTask;

    /// <summary>What happens right after somebody has looked whether something is under way.</summary>
    public Action AfterLook { get; set; } = () => { };

    /// <summary>Ends when the test says that what was under way has.</summary>
    public TaskCompletionSource End { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The instants that were done, as hours and minutes.</summary>
    public string Done => string.Join(' ', _done.Select(occurrence => occurrence.At.ToString("HH:mm", null)));

    public IReadOnlyList<Guid> DoneIds => [.. _done.Select(occurrence => occurrence.Id)];

    public Task Put(ScheduleTiming timing) => Book.Put(Group, Name, timing, new ScheduledAction(Kind, Payload.From("anything")));

    public Task<ScheduleSaga?> Schedule() => Book.Find(Group, Name);

    public async Task<DateTimeOffset?> NextAt() => await Schedule() is { } schedule ? schedule.Timetable.Next(schedule.Through) : null;

    /// <summary>The results of the history, as hours and minutes with the first letters of what came of them.</summary>
    public async Task<string> History() => string.Join(' ', (await Schedule())!.History.Select(occurrence => $"{occurrence.At:HH:mm}{occurrence.Result.ToString()[..2]}"));

    /// <summary>Moves the clock and looks.</summary>
    public Task LookAt(string time)
    {
        Clock.AdjustTime(RuleData.Instant($"2026-01-01T{time}:00Z"));
        return Look();
    }

    public Task Look() => _dispatcher.Dispatch(ScheduleIds.Of(Group, Name), CancellationToken.None);

    public ValueTask Set(Guid schedule, DateTimeOffset at, CancellationToken cancellationToken)
    {
        Alarm = at;
        AlarmSet.Release();
        return default;
    }

    public async Task Do(Payload content, Occurrence occurrence, CancellationToken cancellationToken)
    {
        if (Error is not null)
            throw Error;
        _done.Add(occurrence);
        await Held;
    }

    public Task<bool> IsOver(Guid id, CancellationToken cancellationToken)
    {
        var isOver = !UnderWay.Contains(id);
        AfterLook();
        return Task.FromResult(isOver);
    }

    public Task<ScheduleOutcome?> OutcomeOf(Guid id, CancellationToken cancellationToken) => Task.FromResult(Outcomes.GetValueOrDefault(id));

    public Task WaitForEnd(Guid id, CancellationToken cancellationToken) => End.Task;

    public Task Revoke(Guid id, string reason, CancellationToken cancellationToken)
    {
        Revoked.Add(id);
        UnderWay.Remove(id);
        return Task.CompletedTask;
    }
}
