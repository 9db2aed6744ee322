using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>The inputs of a graph as they are declared.</summary>
internal sealed class Inputs(Region region)
{
    private readonly List<(string Name, Node Node, Polynomial? Limit)> _all = [];

    public Node Add(string name, TensorType type, Polynomial? limit)
    {
        var node = region.Parameter(name, "input", type);
        _all.Add((name, node, limit));
        return node;
    }

    /// <summary>The graph with the inputs first and nothing unused, and their descriptions.</summary>
    public ModelGraph Finish(Context context)
    {
        var graph = GraphCopy.WithParameters(context.Graph, _all.Select(i => i.Node).ToArray());
        var inputs = _all.Select(i => new Input(i.Name, i.Node.Type, i.Limit ?? LookupLimit(context.Graph, i.Node)));
        return new ModelGraph(graph, inputs.ToEquatableArray());
    }

    /// <summary>The rows of the table that these ids look up.</summary>
    private static Polynomial? LookupLimit(Graph graph, Node ids) =>
        graph.Nodes.FirstOrDefault(n => n.Is<Gather>() && ReferenceEquals(n.Inputs[1], ids))?.Inputs[0].Shape[0];
}
