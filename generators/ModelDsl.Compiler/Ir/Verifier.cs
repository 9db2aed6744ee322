
namespace ModelDsl.Compiler.Ir;

/// <summary>
/// What must hold of a graph between passes: ids in order, inputs before their users and of the same region, types as the
/// operations give them, parameters and indices where they belong, results that exist.
/// </summary>
public static class Verifier
{
    /// <exception cref="InvalidOperationException">Something does not hold; the message names the nodes.</exception>
    public static void Verify(Graph graph)
    {
        var problems = Problems(graph, inScan: false).ToList();
        if (problems.Count > 0) throw new InvalidOperationException("invalid graph: " + string.Join("; ", problems));
    }

    private static IEnumerable<string> Problems(Graph graph, bool inScan)
    {
        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            var node = graph.Nodes[i];
            if (node.Id != i) yield return $"{node} stands at {i}";
            foreach (var input in node.Inputs)
                if (!Owns(graph, input)) yield return $"{Words(node)} reads {input} of another region";
                else if (input.Id >= node.Id) yield return $"{Words(node)} reads {input} before it is made";
            foreach (var input in node.Inputs)
                if ((input.Is<Scan>() || input.Types.Count > 1) && !node.Is<Output>()) yield return $"{Words(node)} reads {input} without an output node";
            foreach (string problem in Types(node)) yield return problem;
            if (node.Is<LayerIndex>() && !inScan) yield return $"{Words(node)} stands outside a scan";
            if (node.Is<Parameter>() && inScan == (node.IsParameter(ParameterKind.Weight) || node.IsParameter(ParameterKind.Input)))
                yield return $"{Words(node)} is of a kind that does not belong {(inScan ? "in a scan" : "outside a scan")}";
            foreach (var region in node.Regions)
                foreach (string problem in Problems(region, inScan: true)) yield return $"in {node}: {problem}";
        }
        foreach (var result in graph.Results)
            if (!Owns(graph, result.Node)) yield return $"result \"{result.Name}\" is {result.Node} of another region";
        if (!inScan)
            foreach (var same in graph.Nodes.Where(n => n.Is<Parameter>()).GroupBy(n => n.ParameterName()).Where(g => g.Count() > 1))
                yield return $"parameters {string.Join(" and ", same)} are both named \"{same.Key}\"";
    }

    private static IEnumerable<string> Types(Node node)
    {
        string? problem = null;
        try
        {
            var types = node.Operation.Infer(new NodeView(node.Inputs, node.Attributes, node.Regions));
            if (!types.SequenceEqual(node.Types)) problem = $"{Words(node)} should be {string.Join(", ", types.AsEnumerable())}";
        }
        catch (ShapeException e)
        {
            problem = $"{Words(node)}: {e.Message}";
        }
        if (problem is not null) yield return problem;
    }

    private static bool Owns(Graph graph, Node node) => node.Id < graph.Nodes.Count && ReferenceEquals(graph.Nodes[node.Id], node);
    private static string Words(Node node) => $"'{GraphText.Line(node)}'";
}
