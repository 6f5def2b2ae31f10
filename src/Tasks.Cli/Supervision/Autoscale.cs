namespace TasksBus.Cli.Supervision;

/// <summary>How many workers there are to be.</summary>
/// <param name="Min">At least so many, 1 or more.</param>
/// <param name="Max">At most so many.</param>
/// <param name="BacklogPerWorker">So many runs may wait for each worker before there is another one.</param>
/// <param name="ShrinkAfter">So long no run must have waited before there is one less.</param>
internal sealed record Autoscale(int Min, int Max, int BacklogPerWorker, TimeSpan ShrinkAfter)
{
    /// <summary>Always the same number.</summary>
    public static Autoscale Fixed(int workers) => new(workers, workers, BacklogPerWorker: 0, ShrinkAfter: TimeSpan.Zero);

    /// <summary>Whether the number can change.</summary>
    public bool IsFixed => Min == Max;

    /// <summary>The change that is due: one more, one less, or none.</summary>
    /// <param name="workers">How many take runs.</param>
    /// <param name="processes">How many there are, with those that only finish what they hold.</param>
    /// <param name="backlog">How many runs wait.</param>
    /// <param name="emptyFor">For how long none has waited, and the number of workers was the same.</param>
    public int Step(int workers, int processes, long backlog, TimeSpan emptyFor)
    {
        if (backlog > (long)workers * BacklogPerWorker)
            return processes < Max ? 1 : 0;
        return backlog == 0 && emptyFor >= ShrinkAfter && workers > Min ? -1 : 0;
    }
}
