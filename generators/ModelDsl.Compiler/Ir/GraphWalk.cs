namespace ModelDsl.Compiler.Ir;

/// <summary>Walking and copying regions.</summary>
public static class GraphWalk
{
    /// <summary>What the roots need, inputs first; nothing is followed beyond a node that <paramref name="stop"/> holds for.</summary>
    public static IReadOnlyList<Node> Live(IEnumerable<Node> roots, Func<Node, bool>? stop = null)
    {
        var found = new HashSet<Node>();
        var open = new Stack<Node>(roots);
        while (open.Count > 0)
        {
            var node = open.Pop();
            if (!found.Add(node) || stop?.Invoke(node) == true) continue;
            foreach (var input in node.Inputs) open.Push(input);
        }
        return found.OrderBy(n => n.Id).ToArray();
    }

    public static IReadOnlyList<Node> Live(this Graph graph) => Live(graph.Results.Select(r => r.Node));

    /// <summary>The same node on other inputs in another graph, with its origin; what is added next takes the place alone.</summary>
    public static Node CopyTo(this Node node, Graph target, IReadOnlyList<Node> inputs, params Graph[] regions)
    {
        target.Origin = node.Origin?.Place;
        var copy = target.Add(node.Operation, inputs, node.Attributes, regions.Length > 0 ? regions : [.. node.Regions]);
        copy.TakeName(node.Origin);
        return copy;
    }

    /// <summary>
    /// A graph again: its parameters and what its results need, each node as <paramref name="rewrite"/> gives it from its
    /// new inputs, results in order (null: none), or as it is where that gives null.
    /// </summary>
    /// <param name="regions">What becomes of the regions of nodes that stay.</param>
    public static Graph Rewrite(this Graph graph, Func<Graph, Node, Node[], IReadOnlyList<Node?>?> rewrite, Func<Graph, Graph>? regions = null)
    {
        var target = new Graph();
        var map = new Dictionary<Node, Node>();
        var replaced = new Dictionary<Node, IReadOnlyList<Node?>>();
        foreach (var parameter in graph.Nodes.Where(n => n.Is<Parameter>())) map[parameter] = parameter.CopyTo(target, []);
        foreach (var node in graph.Live())
        {
            if (map.ContainsKey(node)) continue;
            if (node.Is<Output>() && replaced.TryGetValue(node.Inputs[0], out var results)) Stands(node, results[node.Attributes.Int("index")]!);
            else
            {
                var inputs = node.Inputs.Select(i => map[i]).ToArray();
                target.Origin = node.Origin?.Place;
                if (rewrite(target, node, inputs) is not { } made) map[node] = node.CopyTo(target, inputs, regions is null ? [] : [.. node.Regions.Select(regions)]);
                else if (node.Regions.Count == 0 && node.Types.Count == 1) Stands(node, made[0]!);
                else replaced[node] = made;
            }
        }
        foreach (var result in graph.Results) target.AddResult(result.Name, map[result.Node]);
        return target;

        void Stands(Node node, Node made)
        {
            map[node] = made;
            made.TakeName(node.Origin);
        }
    }

    /// <summary>Copies what the roots need into a graph; <paramref name="map"/> holds what stands for a node already, and is added to.</summary>
    public static void Copy(IEnumerable<Node> roots, Graph target, Dictionary<Node, Node> map)
    {
        foreach (var node in Live(roots, map.ContainsKey))
            if (!map.ContainsKey(node)) map[node] = node.CopyTo(target, node.Inputs.Select(i => map[i]).ToArray());
    }
}
