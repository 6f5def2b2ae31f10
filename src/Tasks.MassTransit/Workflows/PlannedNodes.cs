namespace TasksBus.Workflows;

/// <summary>Lays a plan out as it is stored: with what stands beside the others, and with what travels together.</summary>
internal static class PlannedNodes
{
    /// <summary>The nodes of a workflow, and one more that opens when the workflow is over.</summary>
    public static IEnumerable<NodeWrite> Of(WorkflowPlan plan)
    {
        var end = plan.Nodes.Count;
        foreach (var node in Of(plan, next: end))
            yield return node;
        yield return new NodeWrite(end, new NodeDefinition { IsEnd = true, After = NodeRanges.Of([plan.Last]).ToString() }.Write(), Waits: 1, NodeRanges.None);
    }

    /// <summary>The nodes of a part that is added to a workflow.</summary>
    /// <param name="plan">The part, numbered as the workflow numbers it.</param>
    /// <param name="next">The node that waits for its last.</param>
    /// <param name="stopsWith">The joins around it that fail fast.</param>
    public static IEnumerable<NodeWrite> Of(WorkflowPlan plan, int next, IReadOnlyList<int>? stopsWith = null)
    {
        var layout = new Layout(plan);
        var hasty = plan.Nodes.Where(IsHasty).Select(node => node.Index).Concat(stopsWith ?? []).ToHashSet();
        foreach (var node in plan.Nodes)
        {
            var stops = node.Within.Where(hasty.Contains).ToList();
            var definition = NodeDefinition.Of(node) with { IsSide = layout.IsSide(node), Line = layout.LineFrom(node), StopsWith = stops.Count > 0 ? stops : null };
            var before = node.Index == plan.Last ? node.Before.Append(next) : node.Before;
            yield return new NodeWrite(
                node.Index, definition.Write(), node.After.Count, NodeRanges.Of(before),
                IsOpen: node.Index == 0, IsHasty(node), stops.Count > 0 ? NodeRanges.Of(stops.Order()) : null);
        }
    }

    private static bool IsHasty(WorkflowNode node) => node is { Kind: NodeKind.Join, Policy: FailurePolicy.FailFast };

    private sealed class Layout
    {
        private readonly WorkflowPlan _plan;
        private readonly int _first;
        private readonly bool[] _isSide;

        public Layout(WorkflowPlan plan)
        {
            (_plan, _first) = (plan, plan.Nodes[0].Index);
            _isSide = new bool[plan.Nodes.Count];
            Array.Fill(_isSide, value: true);
            var next = new Stack<int>([plan.Last]);
            while (next.TryPop(out var node))
            {
                if (!_isSide[node - _first])
                    continue;
                _isSide[node - _first] = false;
                foreach (var before in Node(node).After)
                    next.Push(before);
            }
        }

        /// <summary>Whether the last one does not wait for it, neither itself nor through others.</summary>
        public bool IsSide(WorkflowNode node) => _isSide[node.Index - _first];

        /// <summary>The calls that travel with one; null if it goes alone.</summary>
        public List<LineStop>? LineFrom(WorkflowNode first)
        {
            List<LineStop>? line = null;
            for (var node = Next(first); node is not null && (line?.Count ?? 0) < Slips.LongestLine - 1; node = Next(node))
                (line ??= []).Add(new LineStop(node.Index, node.Call!.Options!.Queue!, node.Name));
            return line;
        }

        /// <summary>The only call that follows a call, if both can travel, and together.</summary>
        private WorkflowNode? Next(WorkflowNode node)
        {
            if (!CanTravel(node) || IsSide(node))
                return null;
            var following = node.Before.Select(Node).Where(next => !IsSide(next)).Take(2).ToList();
            return following is [{ After.Count: 1 } only] && CanTravel(only) && only.Call!.Options!.Priority == node.Call!.Options!.Priority ? only : null;
        }

        /// <summary>
        /// Whether it is a call for which nothing needs to be asked before it is in its queue: neither its time nor whether there is another one. Nor may it expire:
        /// a slip does not say since when it waits.
        /// </summary>
        private static bool CanTravel(WorkflowNode node) => node.Call?.Options is { Delay: null, NotBefore: null, ExpiresIn: null, ExpiresAt: null, Unique: null };

        private WorkflowNode Node(int index) => _plan.Nodes[index - _first];
    }
}
