using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Passes;

/// <summary>
/// A reduction over axes that are not neighbours becomes one for each run of neighbours, the innermost first, so that each is
/// [outer, reduced, inner] to [outer, inner].
/// <code>
/// sum{0, 2} x [A, B, C]  =>  sum{0} (sum{2} x)
/// </code>
/// </summary>
public static class SplitReductions
{
    public static Graph Run(Graph graph)
    {
        if (!Needs(graph)) return graph;
        var target = new Graph();
        var map = new Dictionary<Node, Node>();
        foreach (var node in graph.Nodes.Where(n => n.Is<Parameter>())) map[node] = node.CopyTo(target, []);
        foreach (var node in graph.Live())
            if (!map.ContainsKey(node))
            {
                var copy = node.CopyTo(target, node.Inputs.Select(i => map[i]).ToArray(), [.. node.Regions.Select(Run)]);
                map[node] = IsSplit(node) ? Split(target, copy) : copy;
            }
        foreach (var result in graph.Results) target.AddResult(result.Name, map[result.Node]);
        return target;
    }

    private static bool Needs(Graph graph) => graph.Nodes.Any(n => IsSplit(n) || n.Regions.Any(Needs));

    /// <summary>A sum over all axes but the last is a kernel's: it needs no splitting, its axes are neighbours.</summary>
    private static bool IsSplit(Node node) => node.Operation is Reduction
        && node.Attributes.Integers("axes") is { Length: > 1 } axes && axes.Max() - axes.Min() + 1 != axes.Length;

    private static Node Split(Graph graph, Node node)
    {
        var value = graph.Of(node.Inputs[0]);
        var axes = node.Attributes.Integers("axes").ToList();
        while (axes.Count > 0)
        {
            int last = axes[axes.Count - 1], first = last;
            while (axes.Contains(first - 1)) first--;
            axes.RemoveAll(a => a >= first);
            value = value.Apply(node.Operation, Attributes.None.With("axes", Enumerable.Range(first, last + 1 - first).Select(a => (long)a).ToEquatableArray()).With("keep", node.Attributes.Get<bool>("keep")));
        }
        return value.Node;
    }
}
