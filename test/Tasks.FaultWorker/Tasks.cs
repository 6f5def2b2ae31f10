namespace TasksBus.FaultWorker;

/// <summary>Takes a while, and gives its index.</summary>
public sealed record Tick(int Index, int Milliseconds) : ITask<int>;

/// <summary>Is in a room for a while, which the <see cref="Ledger"/> knows of, and gives its index.</summary>
public sealed record Visit(int Index, string Room, int Milliseconds) : ITask<int>;

/// <summary>Takes its worker down with it.</summary>
public sealed record Crash(int Index) : ITask;

/// <summary>Fails for good.</summary>
public sealed record Fail(int Index) : ITask;

/// <summary>Takes memory and keeps it.</summary>
public sealed record Hoard(int Megabytes) : ITask;

/// <summary>Never ends, and waits for a thread that never ends.</summary>
public sealed record Hang : ITask;

/// <summary>Holds a thread of the pool.</summary>
public sealed record Block(int Milliseconds) : ITask;

/// <summary>Writes progress and data again and again, whoever has its run meanwhile; gives its worker.</summary>
public sealed record Note(int Steps) : ITask<string>;
