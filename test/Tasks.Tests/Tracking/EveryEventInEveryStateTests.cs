using TasksBus.Tracking;

namespace TasksBus.Tests.Tracking;

/// <summary>Events come late, twice, and in any order: every one is legal in every state.</summary>
public sealed class EveryEventInEveryStateTests
{
    private static readonly Dictionary<string, Func<TrackedRun, long, Task>> Events = new(StringComparer.Ordinal)
    {
        [nameof(TaskStateMachine.Submitted)] = (run, _) => run.Raise(run.Machine.Submitted, run.Message()),
        [nameof(TaskStateMachine.Claimed)] = (run, _) => run.Claim(run.Message()),
        [nameof(TaskStateMachine.LimitReached)] = (run, _) => run.ReachLimit(),
        [nameof(TaskStateMachine.HandlerMissing)] = (run, _) => run.MissHandler(),
        [nameof(TaskStateMachine.Succeeding)] = (run, token) => run.Succeed(token),
        [nameof(TaskStateMachine.Failing)] = (run, token) => run.Fail(token),
        [nameof(TaskStateMachine.Retry)] = (run, token) => run.FailForNow(token),
        [nameof(TaskStateMachine.Releasing)] = (run, token) => run.Release(token),
        [nameof(TaskStateMachine.Revoking)] = (run, token) => run.EndRevoked(token),
        [nameof(TaskStateMachine.Refused)] = (run, _) => run.Refuse(),
        [nameof(TaskStateMachine.Due)] = (run, _) => run.BecomeDue(),
        [nameof(TaskStateMachine.ReplayWanted)] = (run, _) => run.Replay(),
        [nameof(TaskStateMachine.HolderLost)] = (run, _) => run.LoseHolder(),
        [nameof(TaskStateMachine.Sent)] = (run, _) => run.ConfirmSent(),
        [nameof(TaskStateMachine.PurgeWanted)] = (run, _) => run.Purge(),
        [nameof(TaskStateMachine.RevokeWanted)] = (run, _) => run.Revoke(),
    };

    /// <summary>Every event in every state, with the fencing token of the attempt and with one that is out of date.</summary>
    public static TheoryData<string, TaskState, long> Pairs() => PairsWith(RunStates.All);

    public static TheoryData<string, TaskState, long> FinalPairs() => PairsWith(RunStates.All.Where(state => state.IsFinal()), except: nameof(TaskStateMachine.ReplayWanted));

    [Fact]
    public void Every_event_of_the_machine_is_tried()
    {
        // Questions need somebody to answer to: AskingForAStateTests asks over a bus.
        var tried = Events.Keys.Append(nameof(TaskStateMachine.StateAsked));

        var events = new TrackedRun().Machine.Events.Where(@event => !@event.Name.Contains('.', StringComparison.Ordinal));

        Assert.Equal(events.Select(@event => @event.Name).Order(), tried.Order());
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Every_event_is_legal_in_every_state(string name, TaskState state, long token)
    {
        var run = new TrackedRun();
        await RunStates.Bring(run, state);

        await Events[name](run, token);

        RunRules.Check(await run.Load());
    }

    [Theory]
    [MemberData(nameof(FinalPairs))]
    public async Task No_event_changes_a_final_run(string name, TaskState state, long token)
    {
        var run = new TrackedRun();
        await RunStates.Bring(run, state);
        var before = await run.LoadDocument();

        await Events[name](run, token);

        Assert.Equal(before, await run.LoadDocument());
    }

    private static TheoryData<string, TaskState, long> PairsWith(IEnumerable<TaskState> states, string? except = null)
    {
        var pairs = new TheoryData<string, TaskState, long>();
        foreach (var (name, state) in Events.Keys.Where(name => name != except).SelectMany(_ => states, (name, state) => (name, state)))
        {
            pairs.Add(name, state, 1);
            pairs.Add(name, state, 0);
        }

        return pairs;
    }
}
