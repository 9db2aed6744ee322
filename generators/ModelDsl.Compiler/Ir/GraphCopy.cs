namespace ModelDsl.Compiler.Ir;

/// <summary>A graph again without what its results do not need.</summary>
internal static class GraphCopy
{
    /// <summary>With its parameters first, in this order, used or not.</summary>
    public static Graph WithParameters(Graph graph, IReadOnlyList<Node> parameters)
    {
        var copy = new Graph();
        var map = parameters.ToDictionary(p => p, p => p.CopyTo(copy, []));
        GraphWalk.Copy(graph.Results.Select(r => r.Node), copy, map);
        foreach (var result in graph.Results) copy.AddResult(result.Name, map[result.Node]);
        return copy;
    }
}
