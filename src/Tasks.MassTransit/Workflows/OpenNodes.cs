using System.Runtime.CompilerServices;

using TasksBus.Configuration;

namespace TasksBus.Workflows;

/// <summary>Goes through the nodes of workflows that are open. Safe to share between threads.</summary>
internal sealed class OpenNodes(Foundation foundation)
{
    private const int PageSize = 500;

    /// <summary>The nodes that are open, page by page; those that open meanwhile may be among them or not.</summary>
    public async IAsyncEnumerable<IReadOnlyList<StoredNode>> Of(Guid workflowId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var page = await ListAfter(-1).ConfigureAwait(false); page.Count > 0; page = await ListAfter(page[^1]).ConfigureAwait(false))
            yield return await foundation.Workflows.Read(workflowId, page, cancellationToken).ConfigureAwait(false);

        ValueTask<IReadOnlyList<int>> ListAfter(int node) => foundation.Workflows.ListOpen(workflowId, node, PageSize, cancellationToken);
    }

    /// <summary>The name of the first step that is under way, or waits, with which the workflow has not ended; null if there is none.</summary>
    /// <param name="workflowId">The workflow.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <param name="withSides">Whether calls count for which nothing waits.</param>
    public async Task<string?> First(Guid workflowId, CancellationToken cancellationToken, bool withSides = false)
    {
        await foreach (var page in Of(workflowId, cancellationToken).ConfigureAwait(false))
        {
            // What is there to join others only says less to whoever asks.
            if (page.Select(node => NodeDefinition.Read(node.Definition)).Where(definition => !definition.IsEnd && (withSides || !definition.IsSide)).MaxBy(definition => definition.Kind != NodeKind.Join) is { } first)
                return first.Name;
        }

        return null;
    }
}
