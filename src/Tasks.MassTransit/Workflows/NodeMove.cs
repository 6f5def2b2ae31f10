namespace TasksBus.Workflows;

/// <summary>What is to be done with a node that is open.</summary>
internal enum NodeMove
{
    /// <summary>Its run starts.</summary>
    Start,

    /// <summary>It ends well at once: what comes together there has come.</summary>
    Pass,

    /// <summary>It ends well although something that it waited for has failed, unless what stands before all of that has.</summary>
    PassIfReached,

    /// <summary>It ends at once, because something that it waited for has failed.</summary>
    Fail,

    /// <summary>It is left out.</summary>
    Skip,

    /// <summary>It is left out, because what it is a part of has ended.</summary>
    Abandon,

    /// <summary>It waits for a signal.</summary>
    AwaitSignal,

    /// <summary>It waits for an instant.</summary>
    AwaitInstant,

    /// <summary>The workflow has ended.</summary>
    End,
}

/// <summary>Decides what to do with open nodes.</summary>
internal static class NodeMoves
{
    /// <summary>Decides.</summary>
    /// <param name="definition">The node.</param>
    /// <param name="waits">For how many it still waits.</param>
    /// <param name="failures">How many of those that it waited for have not succeeded.</param>
    /// <param name="isStopped">Whether it is not to begin any more.</param>
    public static NodeMove Of(NodeDefinition definition, int waits, int failures, bool isStopped)
    {
        var hasFailed = failures > 0;
        return definition switch
        {
            { IsEnd: true } => NodeMove.End,
            { Kind: NodeKind.Join } when waits > 0 || (hasFailed && definition.Policy != FailurePolicy.Continue) => NodeMove.Fail,
            { Kind: NodeKind.Join } => hasFailed ? NodeMove.PassIfReached : NodeMove.Pass,
            _ when hasFailed != definition.IsForFailure => NodeMove.Skip,
            { IsSide: false } when isStopped => NodeMove.Abandon,
            { Kind: NodeKind.Call } => NodeMove.Start,
            { Kind: NodeKind.Signal } => NodeMove.AwaitSignal,
            _ => NodeMove.AwaitInstant,
        };
    }
}
