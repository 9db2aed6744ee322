using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Passes;

/// <summary>The gradients that arrive at each value of a region, from every place that uses it.</summary>
internal sealed class Contributions(Graph graph)
{
    private readonly Dictionary<Node, List<Node>> _arrived = [];

    public void Add(Node value, Node gradient)
    {
        if (!_arrived.TryGetValue(value, out var list)) _arrived[value] = list = [];
        list.Add(gradient);
    }

    /// <summary>All that arrived at a value, in one, named as its gradient; null where nothing did.</summary>
    public Node? Total(Node value)
    {
        var parts = Parts(value);
        if (parts.Count == 0) return null;
        var total = parts.Skip(1).Aggregate(graph.Of(parts[0]), (sum, part) => sum + graph.Of(part)).Node;
        Origins.NameGradient(value, total);
        return total;
    }

    /// <summary>What arrived at a value: slices that fill an axis joined, the rest side by side.</summary>
    public IReadOnlyList<Node> Parts(Node value)
    {
        if (!_arrived.TryGetValue(value, out var list)) return [];
        IReadOnlyList<Node> parts = Joined(list) is { } whole ? [whole] : list;
        foreach (var part in parts) Origins.NameGradient(value, part);
        return parts;
    }

    /// <summary>Padded pieces that follow one another and fill the axis, as one concat: the gradient of a split.</summary>
    private Node? Joined(List<Node> parts)
    {
        if (parts.Count < 2 || parts.Any(p => !p.Is<Pad>())) return null;
        int axis = parts[0].Attributes.Int("axis");
        if (parts.Any(p => p.Attributes.Int("axis") != axis)) return null;
        var open = parts.ToList();
        var ordered = new List<Value>();
        for (var reached = Polynomial.Zero; open.Count > 0;)
        {
            var next = open.FirstOrDefault(p => p.Attributes.Get<Polynomial>("before").Equals(reached));
            if (next is null) return null;
            open.Remove(next);
            ordered.Add(graph.Of(next.Inputs[0]));
            reached += next.Inputs[0].Shape[axis];
        }
        var last = parts[0].Shape[axis] - ordered.Aggregate(Polynomial.Zero, (sum, p) => sum + p.Shape[axis]);
        return last.IsZero ? graph.Concat(axis, [.. ordered]).Node : null;
    }
}
