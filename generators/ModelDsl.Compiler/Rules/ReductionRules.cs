using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Rules;

/// <summary>Sums and largest elements.</summary>
internal static class ReductionRules
{
    public static IReadOnlyList<Rule> Table =>
    [
        // over nothing, or over axes of one element
        new("reduction over ones -> reshape", x => IsReduction(x) && Axes(x).All(a => x.Input(0).Shape[a].IsOne) ? x.Input(0).Reshape(x.Shape) : null),

        new("reduction over ones, among others -> over the others", x => IsReduction(x) && x.Node.Attributes.Get<bool>("keep") && Axes(x).Any(a => x.Input(0).Shape[a].IsOne)
            ? x.Input(0).Apply(x.Node.Operation, x.Node.Attributes.With("axes", Axes(x).Where(a => !x.Input(0).Shape[a].IsOne).Select(a => (long)a).ToEquatableArray())) : null),

        // an axis that goes or stays: the reduction says so itself
        new("reshape(sum x) -> sum x, kept or not", x =>
        {
            if (!x.Is<Reshape>() || !IsReduction(x.Input(0))) return null;
            var reduction = x.Input(0);
            bool keep = !reduction.Node.Attributes.Get<bool>("keep");
            var other = reduction.Input(0).Apply(reduction.Node.Operation, reduction.Node.Attributes.With("keep", keep));
            return other.Shape.Equals(x.Shape) ? other : null;
        }),

        // what is the same along an axis is counted
        new("sum(broadcast x) -> x * count", x => x.Is<Sum>() && x.Input(0).Is<Broadcast>() ? Counted(x) : null),
        new("reducemax(broadcast x) -> x", x => x.Is<ReduceMax>() && x.Input(0).Is<Broadcast>() && Repeats(x.Input(0), Axes(x)) ? Aligned(x.Input(0)).Broadcast(Kept(x)).Reshape(x.Shape) : null),

        // signs move outwards
        new("sum(-x) -> -sum x", x => x.Is<Sum>() && x.Input(0).Is<Neg>() ? -x.Input(0).Input(0).Sum(Axes(x), x.Node.Attributes.Get<bool>("keep")) : null),
    ];

    private static bool IsReduction(Value x) => x.Is<Sum>() || x.Is<ReduceMax>();
    private static int[] Axes(Value x) => x.Node.Attributes.Integers("axes");
    private static Shape Kept(Value x) => new(x.Input(0).Shape.Sizes.Select((size, a) => Axes(x).Contains(a) ? Polynomial.One : size));

    /// <summary>What is broadcast, with leading axes of one up to the rank it gets.</summary>
    private static Value Aligned(Value broadcast)
    {
        var x = broadcast.Input(0);
        return x.Reshape(new Shape([.. Enumerable.Repeat(Polynomial.One, broadcast.Rank - x.Rank), .. x.Shape.Sizes]));
    }

    private static bool Repeats(Value broadcast, int[] axes) => axes.All(a => Aligned(broadcast).Shape[a].IsOne);

    private static Value? Counted(Value sum)
    {
        var x = Aligned(sum.Input(0));
        int[] repeated = Axes(sum).Where(a => x.Shape[a].IsOne && !sum.Input(0).Shape[a].IsOne).ToArray();
        if (repeated.Length == 0) return null;
        var count = sum.Graph.Size(repeated.Aggregate(Polynomial.One, (product, a) => product * sum.Input(0).Shape[a])).Cast(sum.DType);
        return x.Sum(Axes(sum), true).Broadcast(Kept(sum)).Reshape(sum.Shape) * count;
    }
}
