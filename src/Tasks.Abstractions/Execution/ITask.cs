namespace TasksBus;

/// <summary>The arguments of a task: a serialisable class or record in a namespace. One type of arguments is one task.</summary>
public interface ITask;

/// <summary>The arguments of a task whose handler returns a <typeparamref name="TResult"/>.</summary>
/// <typeparam name="TResult">What <see cref="TaskHandle{TResult}.Result"/> gives to the caller. Must be serialisable as JSON.</typeparam>
public interface ITask<TResult> : ITask;
