using System.Text;

namespace ModelDsl.Compiler.Ir;

/// <summary>
/// A graph as text, a line a node: <c>%7 = matmul %5, %6 transposeA=false transposeB=true : f32[B, T, Width] ; Blocks.Query</c>,
/// a scan with its body in braces, results at the end. What follows a semicolon is where the node comes from, a comment.
/// <see cref="GraphParser"/> reads it back.
/// </summary>
public static class GraphText
{
    public static string Print(Graph graph)
    {
        var text = new StringBuilder();
        Print(graph, text, "");
        return text.ToString();
    }

    private static void Print(Graph graph, StringBuilder text, string indent)
    {
        foreach (var node in graph.Nodes)
        {
            text.Append(indent).Append(Line(node));
            if (node.Regions.Count > 0) text.Append(" {");
            if (node.Origin?.ToString() is { Length: > 0 } origin) text.Append(" ; ").Append(origin);
            text.Append('\n');
            foreach (var region in node.Regions)
            {
                Print(region, text, indent + "  ");
                text.Append(indent).Append("}\n");
            }
        }
        foreach (var result in graph.Results)
            text.Append(indent).Append("result \"").Append(result.Name).Append("\" ").Append(result.Node).Append('\n');
    }

    /// <summary>One node without its regions.</summary>
    public static string Line(Node node)
    {
        var parts = new List<string> { $"{node} = {node.Operation.Name}" };
        if (node.Inputs.Count > 0) parts.Add(string.Join(", ", node.Inputs));
        if (node.Attributes.Pairs.Count > 0) parts.Add(node.Attributes.ToString());
        parts.Add(": " + string.Join(", ", node.Types));
        return string.Join(" ", parts);
    }
}
