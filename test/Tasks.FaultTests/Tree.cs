using System.Collections.Immutable;
using System.Linq.Expressions;
using System.Text.Json;

namespace TasksBus.FaultTests;

/// <summary>A workflow that gives a number, and what must become of it, said without running it.</summary>
internal abstract record Tree
{
    /// <summary>The workflow.</summary>
    public abstract Workflow<int> Compose();

    /// <summary>What becomes of it if it is run.</summary>
    public abstract Foretold Foretell();

    /// <summary>The runs that are made although it is left out: the calls for its failure.</summary>
    public abstract ImmutableHashSet<int> LeftOut();

    /// <summary>Every run that could be made of it.</summary>
    public abstract ImmutableHashSet<int> All { get; }
}

/// <summary>One run.</summary>
internal sealed record LeafTree(int Id, int Value, LeafMood Mood) : Tree
{
    public override Workflow<int> Compose() => new Leaf(Id, Value, Mood).ToCall();

    public override Foretold Foretell() => Foretold.Run(Id, Mood, Value);

    public override ImmutableHashSet<int> LeftOut() => [];

    public override ImmutableHashSet<int> All => [Id];
}

/// <summary>One run for many.</summary>
internal sealed record MapTree(IReadOnlyList<LeafTree> Items, int Id) : Tree
{
    public override Workflow<int> Compose() => Workflow.Map(Items, item => new Leaf(item.Id, item.Value, item.Mood)).Then(results => new Total(results, Id));

    public override Foretold Foretell() =>
        Items.Aggregate(Foretold.Nothing, (before, item) => before.Then(item.Foretell, [], sum => sum + item.Value)).Then(() => Foretold.Run(Id, LeafMood.Good, 0), [], sum => sum);

    public override ImmutableHashSet<int> LeftOut() => [];

    public override ImmutableHashSet<int> All => [Id, .. Items.Select(item => item.Id)];
}

/// <summary>A run that hands over.</summary>
internal sealed record HandTree(Tree To) : Tree
{
    public override Workflow<int> Compose() => new Hand(JsonSerializer.Serialize(To.Compose(), JsonSerializerOptions.Web)).ToCall();

    public override Foretold Foretell() => To.Foretell();

    /// <remarks>Nobody hands over.</remarks>
    public override ImmutableHashSet<int> LeftOut() => [];

    public override ImmutableHashSet<int> All => To.All;
}

/// <summary>One after the other: each adds to the result before it, or begins anew.</summary>
internal sealed record ChainTree(Tree First, IReadOnlyList<Tree> Next) : Tree
{
    public override Workflow<int> Compose() => Next.Aggregate(First.Compose(), (chain, next) =>
        next is LeafTree leaf ? chain.Then(sum => new Plus(sum, leaf.Id, leaf.Value, leaf.Mood)) : chain.Then(next.Compose()));

    public override Foretold Foretell() => Next.Aggregate(First.Foretell(), (before, next) =>
        before.Then(next.Foretell, next.LeftOut(), value => next is LeafTree leaf ? value + leaf.Value : next.Foretell().Value!.Value));

    public override ImmutableHashSet<int> LeftOut() => [.. First.LeftOut(), .. Next.SelectMany(next => next.LeftOut())];

    public override ImmutableHashSet<int> All => [.. First.All, .. Next.SelectMany(next => next.All)];
}

/// <summary>Side by side, then the sum.</summary>
internal sealed record GroupTree(IReadOnlyList<Tree> Members, FailurePolicy Policy, int Id) : Tree
{
    public override Workflow<int> Compose() => Workflow.Group(Members.Select(member => member.Compose())).WithFailurePolicy(Policy).Then(results => new Total(results, Id));

    public override Foretold Foretell()
    {
        var members = Members.Select(member => member.Foretell()).ToList();
        return Foretold.Join(members, members, Policy, [.. Members.SelectMany(member => member.All)], members.Sum(member => member.Value ?? 0)).Then(() => Foretold.Run(Id, LeafMood.Good, 0), [], sum => sum);
    }

    public override ImmutableHashSet<int> LeftOut() => [.. Members.SelectMany(member => member.LeftOut())];

    public override ImmutableHashSet<int> All => [Id, .. Members.SelectMany(member => member.All)];
}

/// <summary>Something with calls beside it.</summary>
internal sealed record SidedTree(Tree Inner, int OnSuccess, int OnFailure) : Tree
{
    public override Workflow<int> Compose() => Inner.Compose().OnSuccess(new Leaf(OnSuccess, 0, LeafMood.Good)).OnFailure(new Leaf(OnFailure, 0, LeafMood.Good));

    public override Foretold Foretell() => Inner.Foretell() is var inner && inner.Value is null ? inner.With(OnFailure) : inner.With(OnSuccess);

    public override ImmutableHashSet<int> LeftOut() => Inner.LeftOut().Add(OnFailure);

    public override ImmutableHashSet<int> All => [OnSuccess, OnFailure, .. Inner.All];
}

/// <summary>Named steps, each of which waits for some before it, and may add to the result of one.</summary>
internal sealed record GraphTree(IReadOnlyList<GraphTree.Step> Steps, FailurePolicy Policy) : Tree
{
    public override Workflow<int> Compose() => Workflow.Graph(Steps.Select(Compose)).WithFailurePolicy(Policy).Returns<int>(Steps[^1].Name);

    public override Foretold Foretell()
    {
        var steps = new List<Foretold>();
        foreach (var step in Steps)
            steps.Add(Foretell(step, steps));
        var ends = Steps.Index().Where(step => !Steps.Any(other => other.After.Contains(step.Index))).Select(step => steps[step.Index]).ToList();
        return Foretold.Join(steps, ends, Policy, [.. Steps.SelectMany(step => step.Work.All)], steps[^1].Value ?? 0);
    }

    public override ImmutableHashSet<int> LeftOut() => [.. Steps.SelectMany(step => step.Work.LeftOut())];

    public override ImmutableHashSet<int> All => [.. Steps.SelectMany(step => step.Work.All)];

    private WorkflowStep Compose(Step step)
    {
        IEnumerable<string> after = step.After.Select(index => Steps[index].Name);
        if (step.Source is not { } source)
            return Workflow.Step(step.Name, step.Work.Compose(), after);
        var (leaf, before) = ((LeafTree)step.Work, Expression.Parameter(typeof(int), Steps[source].Name));
        var call = Expression.New(typeof(Plus).GetConstructors()[0], before, Expression.Constant(leaf.Id), Expression.Constant(leaf.Value), Expression.Constant(leaf.Mood));
        return Workflow.Step(step.Name, Expression.Lambda(call, before), after);
    }

    private static Foretold Foretell(Step step, List<Foretold> steps)
    {
        var failed = step.After.Select(index => steps[index]).FirstOrDefault(before => before.Value is null);
        if (failed is not null)
            return failed.OnlyWith(step.Work.LeftOut());
        var own = step.Work.Foretell();
        return step.Source is { } source && own.Value is { } value ? own with { Value = steps[source].Value + value } : own;
    }

    /// <param name="Name">Its name.</param>
    /// <param name="Work">What it does; a leaf, if it adds to a result.</param>
    /// <param name="Source">The step to whose result it adds, the first of those that it waits for; null: none.</param>
    /// <param name="After">The steps that it waits for.</param>
    internal sealed record Step(string Name, Tree Work, int? Source, IReadOnlyList<int> After);
}
