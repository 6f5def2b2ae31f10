using TasksBus.Configuration;

namespace TasksBus.Tests.Workflows;

/// <summary>Gives twice the number.</summary>
public sealed record Twice(int Number) : ITask<int>;

/// <summary>Gives the sum of all.</summary>
public sealed record Total(IReadOnlyList<int> Numbers) : ITask<int>;

/// <summary>Fails.</summary>
public sealed record Break(int Number = 0) : ITask<int>;

/// <summary>Gives how many there are.</summary>
public sealed record HowMany(IReadOnlyList<int> Numbers) : ITask<int>;

/// <summary>Does whatever the test's handler does with a number.</summary>
public sealed record Spread(int Number) : ITask<int>;

/// <summary>Tells of a failure.</summary>
public sealed record Report(StepFailure Failure) : ITask;

/// <summary>Gives all texts as one.</summary>
public sealed record Gather(IReadOnlyList<string?> Texts) : ITask<string>;

/// <summary>Tasks for workflows.</summary>
internal static class Sums
{
    public static void Add(ITaskQueueBuilder queue)
    {
        queue.AddTask((Add task, TaskContext _) => Task.FromResult(task.X + task.Y));
        queue.AddTask((Twice task, TaskContext _) => Task.FromResult(2 * task.Number));
        queue.AddTask((Total task, TaskContext _) => Task.FromResult(task.Numbers.Sum()));
        queue.AddTask((HowMany task, TaskContext _) => Task.FromResult(task.Numbers.Count));
        queue.AddTask((Break task, TaskContext _) => Task.FromException<int>(new InvalidOperationException($"{task.Number} is broken.")), task =>
        {
            task.Retry.MaxAttempts = 1;
            task.Execution = HandlerExecution.Async;
        });
    }
}
