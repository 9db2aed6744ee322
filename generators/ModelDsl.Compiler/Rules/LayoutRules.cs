using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Rules;

/// <summary>Reshapes, transposes and broadcasts.</summary>
internal static class LayoutRules
{
    public static IReadOnlyList<Rule> Table =>
    [
        // only the last shape counts
        new("reshape(reshape x) -> reshape x", x => x.Is<Reshape>() && x.Input(0).Is<Reshape>() ? x.Input(0).Input(0).Reshape(x.Shape) : null),
        new("reshape to the same shape -> x", x => x.Is<Reshape>() && x.Input(0).Shape.Equals(x.Shape) ? x.Input(0) : null),
        new("reshape(broadcast c) -> broadcast c", x => x.Is<Reshape>() && x.Input(0).Is<Broadcast>() && x.Input(0).Input(0).Rank == 0 ? x.Input(0).Input(0).Broadcast(x.Shape) : null),

        // permutations compose
        new("transpose(transpose x) -> transpose x", x => x.Is<Transpose>() && x.Input(0).Is<Transpose>()
            ? x.Input(0).Input(0).Transpose(Order(x).Select(a => Order(x.Input(0))[a]).ToArray()) : null),
        new("transpose in order -> x", x => x.Is<Transpose>() && Order(x).SequenceEqual(Enumerable.Range(0, x.Rank)) ? x.Input(0) : null),
        new("transpose of axes of size 1 -> reshape", x => x.Is<Transpose>() && MovesOnesOnly(x) ? x.Input(0).Reshape(x.Shape) : null),
        new("transpose(broadcast c) -> broadcast c", x => x.Is<Transpose>() && x.Input(0).Is<Broadcast>() && x.Input(0).Input(0).Rank == 0 ? x.Input(0).Input(0).Broadcast(x.Shape) : null),

        // broadcasts
        new("broadcast to the same shape -> x", x => x.Is<Broadcast>() && x.Input(0).Shape.Equals(x.Shape) ? x.Input(0) : null),
        new("broadcast(broadcast x) -> broadcast x", x => x.Is<Broadcast>() && x.Input(0).IsRepeated() ? x.Input(0).Input(0).Broadcast(x.Shape) : null),

        // an elementwise function repeats by itself, and what its operands do not need it does after them
        new("f(broadcast a, b) -> broadcast f(a, b)", x =>
        {
            if (!x.Node.Operation.IsPointwise || x.Node.Inputs.All(i => !x.Graph.Of(i).IsRepeated())) return null;
            var small = x.Input(0).Unbroadcast().Apply(x.Node.Operation, x.Node.Attributes, x.Node.Inputs.Skip(1).Select(i => x.Graph.Of(i).Unbroadcast()).ToArray());
            return small.Rank == 0 && x.Shape.Count.IsOne ? small.Reshape(x.Shape) : small.Fit(x);
        }),
    ];

    private static int[] Order(Value x) => x.Node.Attributes.Integers("permutation");

    private static bool MovesOnesOnly(Value x)
    {
        var kept = Order(x).Where(a => !x.Input(0).Shape[a].IsOne).ToArray();
        return kept.SequenceEqual(kept.OrderBy(a => a));
    }
}
