using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Rules;

/// <summary>Slices, pads and concats: pieces along one axis.</summary>
internal static class PieceRules
{
    public static IReadOnlyList<Rule> Table =>
    [
        // pieces that are the whole
        new("slice of everything -> x", x => x.Is<Slice>() && Start(x).IsZero && x.Shape.Equals(x.Input(0).Shape) ? x.Input(0) : null),
        new("pad by nothing -> x", x => x.Is<Pad>() && x.Shape.Equals(x.Input(0).Shape) ? x.Input(0) : null),
        new("concat of one -> x", x => x.Is<Concat>() && x.Node.Inputs.Count == 1 ? x.Input(0) : null),

        // a piece of a piece
        new("slice(slice x) -> slice x", x => x.Is<Slice>() && x.Input(0).Is<Slice>() && Axis(x) == Axis(x.Input(0))
            ? x.Input(0).Input(0).Slice(Axis(x), Start(x) + Start(x.Input(0)), x.Shape[Axis(x)]) : null),
        new("pad(pad x) -> pad x", x => x.Is<Pad>() && x.Input(0).Is<Pad>() && Axis(x) == Axis(x.Input(0))
            ? x.Input(0).Input(0).Pad(Axis(x), Before(x) + Before(x.Input(0)), After(x) + After(x.Input(0))) : null),

        // a piece taken out as it was put in
        new("slice(pad x) -> x", x => x.Is<Slice>() && x.Input(0).Is<Pad>() && Axis(x) == Axis(x.Input(0))
            && Start(x).Equals(Before(x.Input(0))) && x.Shape.Equals(x.Input(0).Input(0).Shape) ? x.Input(0).Input(0) : null),
        new("slice(concat(a, b)) -> b", x => x.Is<Slice>() && x.Input(0).Is<Concat>() && Axis(x) == Axis(x.Input(0)) ? PartAt(x.Input(0), Start(x), x.Shape) : null),
        new("concat(slice x, slice x) -> x", x => x.Is<Concat>() ? Reassembled(x) : null),

        // heads are put together before they are merged: the parts are what an attention gives
        new("concat(merge a, merge b) -> merge(concat(a, b))", x => x.Is<Concat>() && Axis(x) == x.Rank - 1 && x.Node.Inputs.All(MergesLast)
            && x.Node.Inputs.All(i => i.Inputs[0].Shape[-1].Equals(x.Node.Inputs[0].Inputs[0].Shape[-1]))
            ? x.Graph.Concat(-2, x.Node.Inputs.Select(i => x.Graph.Of(i.Inputs[0])).ToArray()).Reshape(x.Shape) : null),

        // two padded pieces side by side
        new("pad a + pad b -> concat(a, b)", x => x.Is<Add>() && x.Input(0).Is<Pad>() && x.Input(1).Is<Pad>()
            ? SideBySide(x.Input(0), x.Input(1)) ?? SideBySide(x.Input(1), x.Input(0)) : null),
    ];

    private static int Axis(Value x) => x.Node.Attributes.Int("axis");
    private static Polynomial Start(Value x) => x.Node.Attributes.SizeOf("start");
    private static Polynomial Before(Value x) => x.Node.Attributes.SizeOf("before");
    private static Polynomial After(Value x) => x.Node.Attributes.SizeOf("after");

    /// <summary>Whether a node makes one axis of the last two.</summary>
    private static bool MergesLast(Node node) => node.Is<Reshape>() && node.Inputs[0].Shape.Rank == node.Shape.Rank + 1
        && node.Inputs[0].Shape.Sizes.Take(node.Shape.Rank - 1).SequenceEqual(node.Shape.Sizes.Take(node.Shape.Rank - 1));

    private static Value? PartAt(Value concat, Polynomial start, Shape shape)
    {
        var reached = Polynomial.Zero;
        for (int i = 0; i < concat.Node.Inputs.Count; i++)
        {
            var part = concat.Input(i);
            if (reached.Equals(start) && part.Shape.Equals(shape)) return part;
            reached += part.Shape[Axis(concat)];
        }
        return null;
    }

    private static Value? Reassembled(Value concat)
    {
        var reached = Polynomial.Zero;
        foreach (var part in concat.Node.Inputs)
        {
            var piece = concat.Graph.Of(part);
            if (!piece.Is<Slice>() || Axis(piece) != Axis(concat) || !ReferenceEquals(part.Inputs[0], concat.Node.Inputs[0].Inputs[0]) || !Start(piece).Equals(reached)) return null;
            reached += piece.Shape[Axis(concat)];
        }
        var whole = concat.Input(0).Input(0);
        return whole.Shape.Equals(concat.Shape) ? whole : null;
    }

    private static Value? SideBySide(Value first, Value second)
    {
        int axis = Axis(first);
        var a = first.Input(0);
        var b = second.Input(0);
        return axis == Axis(second) && Before(first).IsZero && After(second).IsZero && Before(second).Equals(a.Shape[axis]) && After(first).Equals(b.Shape[axis])
            ? first.Graph.Concat(axis, a, b) : null;
    }
}
