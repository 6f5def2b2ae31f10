using TasksBus.Client;

namespace TasksBus.Tests.Tracking;

/// <summary>Brings a run into any state, on the shortest way.</summary>
internal static class RunStates
{
    public static IEnumerable<TaskState> All => Enum.GetValues<TaskState>().Where(state => state != TaskState.NotFound);

    /// <summary>Submits the run and brings it into a state. A run that has been claimed has the fencing token 1.</summary>
    /// <returns>The message of the run.</returns>
    public static async Task<RunMessage> Bring(TrackedRun run, TaskState state)
    {
        switch (state)
        {
            case TaskState.Scheduled:
                return await run.Submit(delay: TimeSpan.FromMinutes(1));
            case TaskState.Pending:
                return await run.Submit();
            case TaskState.Running:
                var message = await run.Submit();
                await run.Claim(message);
                return message;
            case TaskState.Expired:
                var late = await run.Submit(expiresIn: TimeSpan.FromSeconds(1));
                run.Clock.Advance(TimeSpan.FromSeconds(1));
                await run.BecomeDue();
                return late;
            default:
                return await BringOn(run, state);
        }
    }

    private static async Task<RunMessage> BringOn(TrackedRun run, TaskState state)
    {
        var message = await Bring(run, TaskState.Running);
        await (state switch
        {
            TaskState.Retrying => run.FailForNow(token: 1),
            TaskState.Succeeded => run.Succeed(token: 1),
            TaskState.Failed => run.Fail(token: 1),
            TaskState.Revoked => run.EndRevoked(token: 1),
            _ => throw new ArgumentOutOfRangeException(nameof(state), state, "No way is known into this state."),
        });
        return message;
    }
}
