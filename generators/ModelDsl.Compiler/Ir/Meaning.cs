
namespace ModelDsl.Compiler.Ir;

/// <summary>What a fast operation stands for, as a graph of its own whose parameters are the node's inputs in order.</summary>
public static class Meaning
{
    /// <summary>The decomposition of a node; a graph without results where it is a primitive.</summary>
    public static Graph Of(Node node)
    {
        var graph = new Graph();
        if (node.Operation.Decompose(graph, Alone(node, graph)) is { } results)
            for (int i = 0; i < results.Count; i++) graph.AddResult($"{i}", results[i]);
        return graph;
    }

    /// <summary>The position among the inputs that a parameter stands for.</summary>
    public static int Position(Node parameter) => int.Parse(parameter.ParameterName());

    private static Node Alone(Node node, Graph graph) => graph.Add(node.Operation,
        node.Inputs.Select((input, i) => graph.Parameter($"{i}", ParameterKind.Input, input.Type).Node).ToArray(), node.Attributes, [.. node.Regions]);
}
