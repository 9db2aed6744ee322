using ModelDsl.Compiler.Ir;
using ModelDsl.Compiler.Ops;

namespace ModelDsl.Compiler.Elaboration;

/// <summary>How long a sequence may be: a table that is indexed by positions has a row for each.</summary>
internal static class LengthLimit
{
    public static IEnumerable<Polynomial> Of(Graph graph) =>
        graph.Nodes.Where(n => n.Is<Gather>() && IsPosition(n.Inputs[1])).Select(n => n.Inputs[0].Shape[0]).Distinct();

    private static bool IsPosition(Node ids) => ids.Is<Iota>() && ids.Shape.Sizes.Contains(Polynomial.Symbol("T"))
        || ids.Is<Broadcast>() && IsPosition(ids.Inputs[0]);
}
