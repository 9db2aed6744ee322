using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Passes.Decode;

/// <summary>
/// The last token's row of a value, computed for that token alone as far back as operations are per token: a head on
/// T tokens becomes a head on one.
/// </summary>
internal sealed class LastToken(Graph graph)
{
    private readonly Dictionary<Node, Node> _known = [];

    public Node Of(Node node)
    {
        if (_known.TryGetValue(node, out var known)) return known;
        known = node.Types.Count == 1 && TokenAxis.Of(node.Shape) is { } axis ? Take(node, axis) : node;
        _known.Add(node, known);
        return known;
    }

    private Node Take(Node node, int axis)
    {
        var last = Polynomial.Symbol(TokenAxis.Symbol) - 1;
        if (node.Inputs.Count == 0 || node.Regions.Count > 0 || node.Is<Output>() || node.Operation.Decode(node) != DecodeRule.PerToken)
            return graph.Of(node).Slice(axis, last, 1);
        graph.Origin = node.Origin?.Place;
        var row = graph.Add(node.Operation, node.Inputs.Select(Of).ToArray(), OneToken(node.Attributes));
        row.TakeName(node.Origin);
        return row;
    }

    private static Attributes OneToken(Attributes attributes)
    {
        foreach (var pair in attributes.Pairs)
            if (pair.Value is Polynomial size) attributes = attributes.With(pair.Key, size.Substitute(TokenAxis.Symbol, 1));
            else if (pair.Value is Shape shape) attributes = attributes.With(pair.Key, new Shape(shape.Sizes.Select(s => s.Substitute(TokenAxis.Symbol, 1))));
        return attributes;
    }
}
