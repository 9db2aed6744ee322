using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;
using ModelDsl.Compiler.Passes;

namespace ModelDsl.Compiler.Lowering;

/// <summary>Positions that count up by one along their last axis from a number that the host knows.</summary>
public static class PositionRange
{
    /// <summary>Whether a node's values are such positions; where they begin, null being at 0.</summary>
    public static bool Is(Node positions, out Node? start)
    {
        start = null;
        positions = Unbroadcast(positions);
        if (positions.Is<Iota>()) return positions.Attributes.Int("axis") == positions.Shape.Rank - 1;
        if (!positions.Is<Add>()) return false;
        Node a = Unbroadcast(positions.Inputs[0]), b = Unbroadcast(positions.Inputs[1]);
        if (a.IsHostScalar()) (a, b) = (b, a);
        start = b;
        return b.IsHostScalar() && Is(a, out var nested) && nested is null;
    }

    private static Node Unbroadcast(Node node)
    {
        while (node.Operation is Broadcast or Reshape) node = node.Inputs[0];
        return node;
    }
}
